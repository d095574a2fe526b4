/**
 * Linear layers on 8-bit integers.
 *
 * A linear layer keeps its meaning and its nodes: an engine without integer
 * products computes it from the original matrix.
 *
 * @module
 */
import type { GraphBuilder } from "./builder.ts";
import type { CompositeOf, Graph, Value } from "./graph.ts";
import { elementCount } from "./shape.ts";

/** The linear layers that read the same values. */
export interface QuantisedGroup {
  /** The name of its first matrix. */
  readonly name: string;
  /** What the layers read. */
  readonly inputs: readonly Value[];
  /** The matrices [out, in] of the layers. */
  readonly weights: readonly Value[];
}

/** Groups by the name of each of their matrices. */
export type QuantisedGroups = ReadonlyMap<string, QuantisedGroup>;

/** The stored tensors of a quantised matrix. */
export function quantisedNames(weight: string): {
  /** Integers [in, out], from -127 to 127. */
  readonly integers: string;
  /** What one step of each output channel is worth [out]. */
  readonly steps: string;
} {
  return { integers: `${weight}.int8`, steps: `${weight}.steps` };
}

/**
 * The stored tensor of a group by which its inputs are multiplied before they
 * are quantised [in]; the matrices are divided by it.
 */
export function smoothingName({ name }: Pick<QuantisedGroup, "name">): string {
  return `${name}.smoothing`;
}

function linearLayers(
  { composites, nodes }: Graph,
  accept: (weight: string) => boolean,
): CompositeOf<"linear">[] {
  const parameters = new Set(
    nodes.filter(({ primitive }) => primitive === "parameter")
      .map(({ output }) => output),
  );
  return composites.filter((composite) => composite.kind === "linear")
    .filter(({ inputs }) => {
      const weight = inputs[1]!;
      return parameters.has(weight) && accept(weight.name);
    });
}

/**
 * Finds the linear layers of a graph whose matrices are to be quantised.
 * Layers that read one value, and layers with one matrix, are in one group.
 *
 * @param accept Which matrices, by their names.
 */
export function quantisedGroups(
  graph: Graph,
  accept: (weight: string) => boolean,
): QuantisedGroups {
  const groups = new Map<Value, { inputs: Set<Value>; weights: Set<Value> }>();
  for (const { inputs: [x, weight] } of linearLayers(graph, accept)) {
    const parts = [groups.get(x!), groups.get(weight!)].filter((group) =>
      group !== undefined
    );
    const inputs = new Set(parts.flatMap((part) => [...part.inputs]));
    const weights = new Set(parts.flatMap((part) => [...part.weights]));
    const group = { inputs: inputs.add(x!), weights: weights.add(weight!) };
    for (const value of [...inputs, ...weights]) groups.set(value, group);
  }
  const found = new Map<string, QuantisedGroup>();
  for (const group of new Set(groups.values())) {
    const weights = [...group.weights];
    const { name } = weights[0]!;
    const one = { name, inputs: [...group.inputs], weights };
    for (const weight of weights) found.set(weight.name, one);
  }
  return found;
}

/**
 * Marks the linear layers whose matrices are quantised.
 *
 * @param groups What {@linkcode quantisedGroups} found in this graph.
 * @param options Which groups have a stored smoothing, and whose inputs are
 * quantised row by row.
 */
export function quantiseGraph(
  graph: Graph,
  groups: QuantisedGroups,
  { isSmoothed, isByRow }: {
    readonly isSmoothed: (group: QuantisedGroup) => boolean;
    readonly isByRow: (group: QuantisedGroup) => boolean;
  },
): Graph {
  const marked = new Map(
    linearLayers(graph, (weight) => groups.has(weight)).map((layer) => {
      const [x, weight, bias] = layer.inputs as readonly [Value, Value, Value];
      const group = groups.get(weight.name)!;
      const smoothing = isSmoothed(group) ? smoothingName(group) : null;
      const byRow = isByRow(group);
      const attributes = { weight: weight.name, smoothing, byRow };
      const kind = "quantisedLinear" as const;
      return [layer, { ...layer, kind, inputs: [x, bias], attributes }];
    }),
  );
  const composites = graph.composites.map((composite) =>
    composite.kind === "linear" ? marked.get(composite) ?? composite : composite
  );
  return { ...graph, composites };
}

/** Names of the stored tensors that an engine with integer products reads. */
export function storedNames({ nodes, composites }: Graph): Set<string> {
  const layers = composites.filter(({ kind }) => kind === "quantisedLinear");
  const inside = new Set(layers.flatMap((layer) => [...layer.nodes]));
  const outside = nodes.filter((node) => !inside.has(node));
  const read = new Set([
    ...outside.flatMap(({ inputs }) => inputs),
    ...layers.flatMap(({ inputs }) => inputs),
  ]);
  const names = [...read].map(({ name }) => name);
  for (const layer of composites) {
    if (layer.kind !== "quantisedLinear") continue;
    const { weight, smoothing } = layer.attributes;
    names.push(...Object.values(quantisedNames(weight)));
    if (smoothing !== null) names.push(smoothing);
  }
  return new Set(names);
}

/** The outputs of {@linkcode observeInputs} that belong to a group. */
export interface Observation {
  /** The group's name. */
  readonly group: string;
  /** The output with the largest absolute value of each channel [in]. */
  readonly largest: string;
  /** The output with the sum of the squares of each channel [in]. */
  readonly squares: string;
  /** The output with some of the vectors that are read [N, in]. */
  readonly vectors: string;
  /** How many numbers of a channel one image has. */
  readonly count: number;
}

/** Vectors of one image that are returned for a group, about. */
const VECTORS = 16;

/** Vectors of x [.., in] at even distances, the first one among them. */
function someVectors(g: GraphBuilder, x: Value, count: number): Value {
  const width = x.shape.at(-1)!;
  const rows = elementCount(x.shape) / width;
  const table = g.reshape(x, [rows, width]);
  const places = Array.from(
    { length: count },
    (_, i) => Math.floor(i * Math.abs(rows) / count),
  );
  return g.gather(table, g.constant(places, [count], "int"));
}

/**
 * Makes a program that returns how large each channel becomes of what the
 * layers read, and some of the vectors.
 *
 * @param g The builder of the graph in which the groups were found.
 */
export function observeInputs(
  g: GraphBuilder,
  groups: QuantisedGroups,
): { readonly graph: Graph; readonly observations: readonly Observation[] } {
  const outputs: Record<string, Value> = {};
  const observations: Observation[] = [];
  for (const { name: group, inputs } of new Set(groups.values())) {
    for (const x of inputs) {
      const width = x.shape.at(-1)!;
      const axes = x.shape.slice(1).map((_, axis) => axis);
      const flat = (y: Value) => g.cast(g.reshape(y, [width]), "wide");
      const largest = `largest_${observations.length}`;
      const squares = `squares_${observations.length}`;
      const vectors = `vectors_${observations.length}`;
      const most = Math.ceil(VECTORS / inputs.length);
      const sizes = g.maximum(x, g.negate(x));
      outputs[largest] = flat(g.reduceMax(sizes, axes));
      outputs[squares] = flat(g.reduceSum(g.multiply(x, x), axes));
      const count = Math.abs(elementCount(x.shape)) / width;
      const some = someVectors(g, x, Math.min(most, count));
      outputs[vectors] = g.cast(some, "wide");
      observations.push({ group, largest, squares, vectors, count });
    }
  }
  return { graph: g.build(outputs), observations };
}
