/**
 * One eager run of a graph, unit after unit. Each value is freed after its last
 * reader.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import {
  type Composite,
  type CompositeOf,
  isLeaf,
  type NodeOf,
  type Value,
} from "../graph/graph.ts";
import type { Primitive } from "../graph/primitives.ts";
import { groupUnits, type Unit } from "../graph/units.ts";
import { COMPOSITE_KERNELS, type KernelContext, KERNELS } from "./kernels.ts";
import { withGradient } from "./with_gradient.ts";

/** What a run reads besides the units that it computes. */
export interface GraphRunOptions extends KernelContext {
  /** Composites of the graph, those inside segments included. */
  readonly composites: readonly Composite[];
  /** Tensors that outlive the run. */
  readonly stored: ReadonlyMap<Value, tf.Tensor>;
  /** All values that depend on what is differentiated by. */
  readonly dependents: ReadonlySet<Value>;
}

/** What a unit reads and computes. */
export function ends(
  { composite, node }: Unit,
): { readonly inputs: readonly Value[]; readonly output: Value } {
  return composite ?? node;
}

/** All values that depend on `wrt`, those themselves included. */
export function dependentsOf(
  units: readonly Unit[],
  wrt: readonly Value[],
): Set<Value> {
  const found = new Set(wrt);
  for (const { inputs, output } of units.map(ends)) {
    if (inputs.some((input) => found.has(input))) found.add(output);
  }
  return found;
}

/** Splits units into those computed before the tape and those on it. */
export function split(
  units: readonly Unit[],
  dependents: ReadonlySet<Value>,
): { readonly before: Unit[]; readonly after: Unit[] } {
  const isTaped = ({ composite, node }: Unit) =>
    composite === undefined
      ? !isLeaf(node) && dependents.has(node.output)
      : dependents.has(composite.output);
  return {
    before: units.filter((unit) => !isTaped(unit)),
    after: units.filter(isTaped),
  };
}

/** A run, with the tensors that it still needs. */
export class GraphRun {
  readonly #options: GraphRunOptions;
  readonly #computed: Map<Value, tf.Tensor>;

  /**
   * Begins a run.
   *
   * @param computed Tensors that are there from the start.
   */
  constructor(
    options: GraphRunOptions,
    computed: Map<Value, tf.Tensor> = new Map(),
  ) {
    this.#options = options;
    this.#computed = computed;
  }

  /** The tensor of a value that was computed and not yet freed. */
  tensor(value: Value): tf.Tensor {
    const tensor = this.#computed.get(value) ?? this.#options.stored.get(value);
    if (tensor !== undefined) return tensor;
    throw new TypeError(`Cannot read ${value.name} as it was not computed`);
  }

  /**
   * Computes units in order. A segment among them keeps what it reads only, and
   * computes its inside again for its gradients.
   *
   * @param units What to compute.
   * @param keep Values that are not freed after their last reader.
   */
  execute(units: readonly Unit[], keep: ReadonlySet<Value>): void {
    const lastReader = new Map<Value, Unit>();
    for (const unit of units) {
      for (const input of ends(unit).inputs) lastReader.set(input, unit);
    }
    for (const unit of units) {
      const { inputs, output } = ends(unit);
      this.#computed.set(output, this.#compute(unit));
      for (const input of new Set(inputs)) {
        if (lastReader.get(input) !== unit || keep.has(input)) continue;
        if (this.#options.stored.has(input)) continue;
        this.tensor(input).dispose();
        this.#computed.delete(input);
      }
    }
  }

  #compute({ composite, node }: Unit): tf.Tensor {
    try {
      if (composite?.kind === "segment") return this.#segment(composite);
      return tf.tidy(() =>
        composite === undefined
          ? this.#apply(node)
          : COMPOSITE_KERNELS[composite.kind]!(this.#tensors(composite))
      );
    } catch (error) {
      const place = ` (at ${(composite ?? node).output.name})`;
      if (error instanceof Error && !error.message.includes(" (at ")) {
        error.message += place;
      }
      throw error;
    }
  }

  #apply<P extends Primitive>(node: NodeOf<P>): tf.Tensor {
    return KERNELS[node.primitive](this.#tensors(node), node, this.#options);
  }

  #tensors({ inputs }: { readonly inputs: readonly Value[] }): tf.Tensor[] {
    return inputs.map((input) => this.tensor(input));
  }

  #segment(segment: CompositeOf<"segment">): tf.Tensor {
    const { stored, dependents } = this.#options;
    const passed = segment.inputs.filter((input) =>
      dependents.has(input) || !stored.has(input)
    );
    const wrt = passed.map((input) => dependents.has(input));
    const inside = (tensors: readonly tf.Tensor[]) => {
      const given = new Map(passed.map((input, i) => [input, tensors[i]!]));
      const run = new GraphRun(this.#options, given);
      const units = unitsInside(segment, this.#options.composites);
      run.execute(units, new Set([...passed, segment.output]));
      return run.tensor(segment.output);
    };
    return withGradient(passed.map((input) => this.tensor(input)), {
      forward: inside,
      backward: (dy, saved) => {
        const xs = saved.slice(0, -1);
        return pullBack(() => inside(xs), { xs, wrt, dy });
      },
    });
  }
}

function unitsInside(
  { nodes, output }: CompositeOf<"segment">,
  composites: readonly Composite[],
): Unit[] {
  const inside = composites.filter((inner) => inner.nodes.isSubsetOf(nodes));
  return groupUnits({ nodes: [...nodes], composites: inside }, {
    outputs: new Set([output]),
    accept: ({ kind }) => COMPOSITE_KERNELS[kind] !== undefined,
  });
}

/** Gradients on a tape of their own, while the tape around it is unwound. */
function pullBack(
  forward: () => tf.Tensor,
  { xs, wrt, dy }: {
    readonly xs: readonly tf.Tensor[];
    readonly wrt: readonly boolean[];
    readonly dy: tf.Tensor;
  },
): tf.Tensor[] {
  const engine = tf.engine();
  const { activeTape } = engine.state;
  try {
    const wanted = xs.filter((_, i) => wrt[i]);
    const { grads } = engine.gradients(forward, wanted, dy, true);
    const found = new Map(wanted.map((x, i) => [x, grads[i]]));
    return xs.map((x) => found.get(x) ?? tf.zerosLike(x));
  } finally {
    // The end of a tape clears this even if another tape is around it.
    engine.state.activeTape = activeTape;
  }
}
