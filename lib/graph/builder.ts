/**
 * Writing tensor programs.
 *
 * @module
 */
import {
  type Composite,
  type CompositeAttributes,
  type CompositeKind,
  type CompositeOf,
  type Graph,
  isLeaf,
  type Node,
  type Value,
} from "./graph.ts";
import type { Attributes, ElementType, Primitive } from "./primitives.ts";
import { elementCount, formatShape, sameShape, type Shape } from "./shape.ts";
import { SHAPE_RULES } from "./shape_rules.ts";

/** A tensor, or a number that takes the other operand's type. */
export type Operand = Value | number;

/**
 * Records a tensor program: each method applies one primitive and returns the
 * value it computes. Names of computed values begin with `/`. Scopes name the
 * values after the place that made them, so that an engine's error leads back
 * to the model.
 *
 * @example Usage
 * ```ts
 * import { GraphBuilder } from "./builder.ts";
 * import { BATCH } from "./shape.ts";
 *
 * const g = new GraphBuilder();
 * const x = g.input("x", [BATCH, 4], "float");
 * const w = g.parameter("weight", [3, 4]);
 * const graph = g.build({ y: g.matMul(x, w, { transposeB: true }) });
 * ```
 */
export class GraphBuilder {
  readonly #nodes: Node[] = [];
  readonly #composites: Composite[] = [];
  readonly #names = new Map<string, number>();
  readonly #parameters = new Map<string, Value>();
  /** Names of the scopes that are open, each after a slash. */
  #prefix = "";

  /** Runs `body` with `name` in front of the names of what it computes. */
  scope<T>(name: string, body: () => T): T {
    const outer = this.#prefix;
    this.#prefix = `${outer}/${name}`;
    try {
      return body();
    } finally {
      this.#prefix = outer;
    }
  }

  /** A tensor that each run is given. */
  input(name: string, shape: Shape, type: ElementType): Value {
    return this.#apply("input", [], { name, shape, type }, name);
  }

  /** A tensor of a checkpoint; the same name always gives the same value. */
  parameter(name: string, shape: Shape): Value {
    const earlier = this.#parameters.get(name);
    if (earlier !== undefined && !sameShape(earlier.shape, shape)) {
      throw new TypeError(
        `Cannot use the parameter ${name} as ${formatShape(shape)} as its ` +
          `shape must stay: current shape is ${formatShape(earlier.shape)}`,
      );
    }
    if (earlier !== undefined) return earlier;
    const value = this.#apply("parameter", [], { name, shape }, name);
    this.#parameters.set(name, value);
    return value;
  }

  /** Numbers written in the graph, row-major. */
  constant(
    data: ArrayLike<number>,
    shape: Shape,
    type: ElementType = "float",
  ): Value {
    return this.#apply("constant", [], {
      data: Float64Array.from(data),
      shape,
      type,
    });
  }

  /** -x. */
  negate(x: Value): Value {
    return this.#apply("negate", [x], {});
  }

  /** e^x. */
  exp(x: Value): Value {
    return this.#apply("exp", [x], {});
  }

  /** Natural logarithm. */
  log(x: Value): Value {
    return this.#apply("log", [x], {});
  }

  /** Square root. */
  sqrt(x: Value): Value {
    return this.#apply("sqrt", [x], {});
  }

  /** 1 / (1 + e^-x). */
  sigmoid(x: Value): Value {
    return this.#apply("sigmoid", [x], {});
  }

  /** The error function. */
  erf(x: Value): Value {
    return this.#apply("erf", [x], {});
  }

  /** x where x > 0, else slope x; ReLU by default. */
  leakyRelu(x: Value, slope = 0): Value {
    return this.#apply("leakyRelu", [x], { slope });
  }

  /** a + b. */
  add(a: Operand, b: Operand): Value {
    return this.#apply("add", this.#pair(a, b), {});
  }

  /** a - b. */
  subtract(a: Operand, b: Operand): Value {
    return this.#apply("subtract", this.#pair(a, b), {});
  }

  /** a b, element by element. */
  multiply(a: Operand, b: Operand): Value {
    return this.#apply("multiply", this.#pair(a, b), {});
  }

  /** a / b. */
  divide(a: Operand, b: Operand): Value {
    return this.#apply("divide", this.#pair(a, b), {});
  }

  /** The larger of a and b. */
  maximum(a: Operand, b: Operand): Value {
    return this.#apply("maximum", this.#pair(a, b), {});
  }

  /** The smaller of a and b. */
  minimum(a: Operand, b: Operand): Value {
    return this.#apply("minimum", this.#pair(a, b), {});
  }

  /** Where a and b are the same number, as bool. */
  equal(a: Operand, b: Operand): Value {
    return this.#apply("equal", this.#pair(a, b), {});
  }

  /** a where `condition` holds, else b. */
  select(condition: Value, a: Operand, b: Operand): Value {
    return this.#apply("select", [condition, ...this.#pair(a, b)], {});
  }

  /** x as another element type; x itself when it has it already. */
  cast(x: Value, to: ElementType): Value {
    return x.type === to ? x : this.#apply("cast", [x], { to });
  }

  /** The same numbers, through which no gradient flows. */
  detach(x: Value): Value {
    return this.#apply("detach", [x], {});
  }

  /** Batched matrix product over the last two axes, either transposed. */
  matMul(
    a: Value,
    b: Value,
    { transposeA = false, transposeB = false }: Partial<
      Attributes["matMul"]
    > = {},
  ): Value {
    return this.#apply("matMul", [a, b], { transposeA, transposeB });
  }

  /** Cross-correlation of x [N, C, H, W] with a kernel [O, C, h, w]. */
  conv2d(x: Value, kernel: Value, attributes: Attributes["conv2d"]): Value {
    return this.#apply("conv2d", [x, kernel], attributes);
  }

  /** Maximum over square windows of x [N, C, H, W]. */
  maxPool2d(x: Value, attributes: Attributes["maxPool2d"]): Value {
    return this.#apply("maxPool2d", [x], attributes);
  }

  /** What {@linkcode conv2d} pulls back to its input [N, C, H, W]. */
  conv2dInputGradient(
    cotangent: Value,
    kernel: Value,
    attributes: Attributes["conv2dInputGradient"],
  ): Value {
    return this.#apply("conv2dInputGradient", [cotangent, kernel], attributes);
  }

  /** What {@linkcode conv2d} pulls back to its kernel [O, C, h, w]. */
  conv2dKernelGradient(
    x: Value,
    cotangent: Value,
    attributes: Attributes["conv2dKernelGradient"],
  ): Value {
    return this.#apply("conv2dKernelGradient", [x, cotangent], attributes);
  }

  /** What {@linkcode maxPool2d} pulls back to its input [N, C, H, W]. */
  maxPool2dGradient(
    x: Value,
    cotangent: Value,
    attributes: Attributes["maxPool2dGradient"],
  ): Value {
    return this.#apply("maxPool2dGradient", [x, cotangent], attributes);
  }

  /** Sum over axes, which stay with size 1. */
  reduceSum(x: Value, axes: readonly number[]): Value {
    return this.#apply("reduceSum", [x], { axes });
  }

  /** Maximum over axes, which stay with size 1. */
  reduceMax(x: Value, axes: readonly number[]): Value {
    return this.#apply("reduceMax", [x], { axes });
  }

  /** Minimum over axes, which stay with size 1. */
  reduceMin(x: Value, axes: readonly number[]): Value {
    return this.#apply("reduceMin", [x], { axes });
  }

  /** Position of the first maximum along an axis, which stays with size 1. */
  argMax(x: Value, axis: number): Value {
    return this.#apply("argMax", [x], { axis });
  }

  /** The same elements in another shape; x itself when it has it already. */
  reshape(x: Value, shape: Shape): Value {
    return sameShape(x.shape, shape)
      ? x
      : this.#apply("reshape", [x], { shape });
  }

  /** Axes in another order. */
  transpose(x: Value, permutation: readonly number[]): Value {
    return this.#apply("transpose", [x], { permutation });
  }

  /** Axes of size 1 repeated. */
  broadcastTo(x: Value, shape: Shape): Value {
    return this.#apply("broadcastTo", [x], { shape });
  }

  /** Values one after another along an axis. */
  concat(values: readonly Value[], axis: number): Value {
    return this.#apply("concat", values, { axis });
  }

  /** The elements from `start` up to `end` along an axis. */
  slice(x: Value, axis: number, start: number, end: number): Value {
    return this.#apply("slice", [x], { axis, start, end });
  }

  /** Rows of a table [R, D] at int indices [...]: [..., D]. */
  gather(table: Value, indices: Value): Value {
    return this.#apply("gather", [table, indices], {});
  }

  /**
   * Mean over axes, which stay with size 1.
   *
   * @throws {RangeError} If the batch is among the axes.
   */
  reduceMean(x: Value, axes: readonly number[]): Value {
    const count = elementCount(axes.map((axis) => x.shape[axis] ?? 0));
    if (count <= 0) {
      throw new RangeError(
        `Cannot average ${x.name} over [${axes.join(", ")}] as these axes ` +
          `must have a known size`,
      );
    }
    return this.multiply(this.reduceSum(x, axes), 1 / count);
  }

  /**
   * Records that what `body` computes is one application of a composite, which
   * an engine may run as one operator. `body` may read `inputs` only.
   */
  composite<K extends CompositeKind>(
    kind: K,
    inputs: readonly Value[],
    attributes: CompositeAttributes[K],
    body: () => Value,
  ): Value {
    const index = this.#composites.length;
    const first = this.#nodes.length;
    const output = this.scope(kind, body);
    const made = this.#nodes.slice(first).filter((node) => !isLeaf(node));
    const nodes = new Set(made);
    const composite = { kind, inputs, attributes, output, nodes };
    // The union is discriminated by `kind`, which TypeScript cannot follow
    // through the type parameter.
    const entry: CompositeOf<K> = composite;
    this.#composites.splice(index, 0, entry as Composite);
    return output;
  }

  /**
   * Records that what `body` computes is a segment: a training program may
   * keep what it reads and returns only, and compute its inside again.
   */
  segment(body: () => Value): Value {
    const index = this.#composites.length;
    const first = this.#nodes.length;
    const output = body();
    const nodes = this.#nodes.slice(first).filter((node) => !isLeaf(node));
    const made = new Set(nodes.map((node) => node.output));
    const read = new Set(nodes.flatMap((node) => node.inputs));
    this.#composites.splice(index, 0, {
      kind: "segment",
      inputs: [...read.difference(made)],
      attributes: {},
      output,
      nodes: new Set(nodes),
    });
    return output;
  }

  /** Everything recorded from node `first` on, unused values included. */
  recorded(first = 0): Pick<Graph, "nodes" | "composites"> {
    const nodes = this.#nodes.slice(first);
    if (first === 0) return { nodes, composites: [...this.#composites] };
    const made = new Set(nodes);
    const composites = this.#composites.filter((composite) =>
      composite.nodes.isSubsetOf(made)
    );
    return { nodes, composites };
  }

  /**
   * Records nodes once more with other operands.
   *
   * @param program Nodes in order, no leaf among them, and their composites.
   * @param substitutes What takes the place of which operand. It is extended
   * by the new values: recorded output -> new output.
   */
  replay(
    { nodes, composites }: Pick<Graph, "nodes" | "composites">,
    substitutes: Map<Value, Value>,
  ): void {
    const substitute = (value: Value) => substitutes.get(value) ?? value;
    const copies = new Map<Node, Node>();
    for (const node of nodes) {
      const { primitive, inputs, attributes } = node;
      const output = this.#apply(primitive, inputs.map(substitute), attributes);
      substitutes.set(node.output, output);
      copies.set(node, this.#nodes.at(-1)!);
    }
    for (const composite of composites) {
      this.#composites.push({
        ...composite,
        inputs: composite.inputs.map(substitute),
        output: substitute(composite.output),
        nodes: new Set([...composite.nodes].map((node) => copies.get(node)!)),
      });
    }
  }

  /**
   * The program that computes `outputs`, without what they do not need.
   *
   * @throws {TypeError} If an output has the name of an input or a parameter.
   */
  build(outputs: Readonly<Record<string, Value>>): Graph {
    const needed = new Set(Object.values(outputs));
    const nodes = this.#nodes.toReversed().filter(({ output, inputs }) => {
      if (!needed.has(output)) return false;
      for (const input of inputs) needed.add(input);
      return true;
    }).reverse();
    const taken = nodes.find(({ output }) =>
      Object.hasOwn(outputs, output.name)
    );
    if (taken !== undefined) {
      throw new TypeError(
        `Cannot return an output as ${taken.output.name} as the name must ` +
          `not be that of an input or a parameter`,
      );
    }
    const kept = new Set(nodes);
    return {
      nodes,
      inputs: nodes.filter((node) => node.primitive === "input").map((node) =>
        node.output
      ),
      outputs: new Map(Object.entries(outputs)),
      composites: this.#composites.filter((composite) =>
        composite.nodes.isSubsetOf(kept)
      ),
    };
  }

  #pair(a: Operand, b: Operand): [Value, Value] {
    if (typeof a === "number") {
      if (typeof b === "number") {
        throw new TypeError(
          "Cannot combine two numbers as one operand must be a tensor",
        );
      }
      return [this.constant([a], [], b.type), b];
    }
    return [a, typeof b === "number" ? this.constant([b], [], a.type) : b];
  }

  #apply<P extends Primitive>(
    primitive: P,
    inputs: readonly Value[],
    attributes: Attributes[P],
    name: string = this.#uniqueName(primitive),
  ): Value {
    let output: Value;
    try {
      output = { name, ...SHAPE_RULES[primitive](inputs, attributes) };
    } catch (error) {
      if (error instanceof Error) error.message += ` (at ${name})`;
      throw error;
    }
    const node = { primitive, inputs, attributes, output };
    this.#nodes.push(node as Node);
    return output;
  }

  #uniqueName(primitive: Primitive): string {
    const base = `${this.#prefix}/${primitive}`;
    const count = this.#names.get(base) ?? 0;
    this.#names.set(base, count + 1);
    return count === 0 ? base : `${base}_${count}`;
  }
}
