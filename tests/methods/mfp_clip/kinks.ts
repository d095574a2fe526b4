/**
 * Where the losses of a model have no derivative: a leaky ReLU at zero, and a
 * maximum or a minimum that is about to lie elsewhere.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Graph, Value } from "../../../lib/graph/graph.ts";

/** Something with a kink. */
export interface Kink {
  readonly kind: "leakyRelu" | "reduceMax" | "reduceMin";
  /** What it is applied to: [B, P, Dt] or [B, H, H]. */
  readonly input: Value;
  /** The bias before an activation: `adapters.0.fc1.bias`. */
  readonly bias: string;
}

/** Numbers by the name of what they are. */
type Computed = Readonly<Record<string, Float64Array>>;

/** How far a kink must be, in steps. */
const STEPS_AWAY = 4;

/** Numbers of one image that differ by less tie, but for rounding. */
const TIE = 1e-12;

/** How far a bias is moved at most. */
const LARGEST_MOVE = 0.1;

/** What has a kink in a program whose CNN is fed, by name. */
export function kinksOf({ nodes }: Graph): Map<string, Kink> {
  const kinks = new Map<string, Kink>();
  for (const { primitive: kind, inputs, attributes, output } of nodes) {
    const name = `input of ${output.name}`;
    if (kind === "reduceMax" || kind === "reduceMin") {
      // A softmax takes its maximum away again: it has no kink.
      if (!("axes" in attributes) || attributes.axes.length === 1) continue;
      kinks.set(name, { kind, input: inputs[0]!, bias: "" });
    } else if (kind === "leakyRelu") {
      const [, adapter, second] = /(adapters\.\d+)\/leakyRelu(_1)?$/.exec(
        output.name,
      ) ?? [];
      if (adapter === undefined) continue;
      const bias = `${adapter}.fc${second === undefined ? 1 : 2}.bias`;
      kinks.set(name, { kind, input: inputs[0]!, bias });
    }
  }
  return kinks;
}

/** By how much to move a bias so that all it is added to is far from zero. */
export function moveOffKinks(
  kinks: ReadonlyMap<string, Kink>,
  computed: Computed,
  bias: string,
): number[] {
  const all = [...kinks].filter(([, kink]) => kink.bias === bias);
  const width = all[0]![1].input.shape.at(-1)!;
  return Array.from({ length: width }, (_, unit) => {
    const values = all.flatMap(([name]) =>
      Array.from(computed[name]!).filter((_, i) => i % width === unit)
    );
    return -middleOfWidestGap(values);
  });
}

/** The middle of the widest gap between numbers, among those near zero. */
function middleOfWidestGap(values: readonly number[]): number {
  const near = values.filter((x) => Math.abs(x) < LARGEST_MOVE);
  const sorted = [-LARGEST_MOVE, ...near, LARGEST_MOVE].sort((a, b) => a - b);
  let [widest, middle] = [0, 0];
  for (let i = 1; i < sorted.length; i++) {
    const gap = sorted[i]! - sorted[i - 1]!;
    if (gap <= widest) continue;
    [widest, middle] = [gap, (sorted[i]! + sorted[i - 1]!) / 2];
  }
  return middle;
}

/** Asserts that a step from `here` to `there` stays far from every kink. */
export function assertFarFromKinks(
  kinks: ReadonlyMap<string, Kink>,
  { here, there, batch }: { here: Computed; there: Computed; batch: number },
): void {
  for (const [name, { kind }] of kinks) {
    const [x, y] = [here[name]!, there[name]!];
    const steps = x.map((z, i) => Math.abs(y[i]! - z));
    const distances = kind === "leakyRelu"
      ? x.map(Math.abs)
      : leads(kind === "reduceMax" ? x : x.map((z) => -z), batch);
    const close = steps.findIndex((step, i) =>
      STEPS_AWAY * step >= distances[i]!
    );
    assert.equal(close, -1, `A step comes close to a kink in the ${name}`);
  }
}

/** By how much each image's highest number leads all that do not tie with it. */
function leads(values: Float64Array, batch: number): Float64Array {
  const size = values.length / batch;
  const found = new Float64Array(values.length);
  for (let start = 0; start < values.length; start += size) {
    const image = values.subarray(start, start + size);
    const highest = Math.max(...image);
    const others = image.filter((x) => highest - x > TIE);
    found.fill(highest - Math.max(...others), start, start + size);
  }
  return found;
}
