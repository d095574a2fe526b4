/**
 * One eager run of a graph: unit after unit, each value freed once it is read
 * for the last time.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { CompositeOf, NodeOf, Value } from "../graph/graph.ts";
import type { Primitive } from "../graph/primitives.ts";
import type { Unit } from "../graph/units.ts";
import { type KernelContext, KERNELS } from "./kernels.ts";
import { withGradient } from "./with_gradient.ts";

/** What a run must know besides what it computes. */
export interface RunOptions extends KernelContext {
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

/** A run and the tensors that it knows so far. */
export class Run {
  readonly #options: RunOptions;
  readonly #known: Map<Value, tf.Tensor>;

  /**
   * Begins a run.
   *
   * @param options What to know besides what is computed.
   * @param known Tensors that are known beforehand.
   */
  constructor(
    options: RunOptions,
    known: Map<Value, tf.Tensor> = new Map(),
  ) {
    this.#options = options;
    this.#known = known;
  }

  /** The tensor of a value that is known. */
  tensor(value: Value): tf.Tensor {
    const tensor = this.#known.get(value) ?? this.#options.stored.get(value);
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
      this.#known.set(output, this.#compute(unit));
      for (const input of new Set(inputs)) {
        if (lastReader.get(input) !== unit || keep.has(input)) continue;
        if (this.#options.stored.has(input)) continue;
        this.tensor(input).dispose();
        this.#known.delete(input);
      }
    }
  }

  #compute({ composite, node }: Unit): tf.Tensor {
    try {
      return composite === undefined
        ? tf.tidy(() => this.#apply(node))
        : this.#computeSegment(composite as CompositeOf<"segment">);
    } catch (error) {
      const place = ` (at ${(composite ?? node).output.name})`;
      if (error instanceof Error && !error.message.includes(" (at ")) {
        error.message += place;
      }
      throw error;
    }
  }

  #apply<P extends Primitive>(node: NodeOf<P>): tf.Tensor {
    const inputs = node.inputs.map((input) => this.tensor(input));
    return KERNELS[node.primitive](inputs, node, this.#options);
  }

  #computeSegment(segment: CompositeOf<"segment">): tf.Tensor {
    const { stored, dependents } = this.#options;
    const passed = segment.inputs.filter((input) =>
      dependents.has(input) || !stored.has(input)
    );
    const wrt = passed.map((input) => dependents.has(input));
    const inside = (tensors: readonly tf.Tensor[]) => {
      const known = new Map(passed.map((input, i) => [input, tensors[i]!]));
      const run = new Run(this.#options, known);
      const units = [...segment.nodes].map((node) => ({ node }));
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
    // The end of a tape clears this, as if there were none around it.
    engine.state.activeTape = activeTape;
  }
}
