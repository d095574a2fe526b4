/**
 * Gradients held to central finite differences, in float64.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type GradientOptions, gradients } from "../../lib/graph/backward.ts";
import type { GraphBuilder } from "../../lib/graph/builder.ts";
import type { Value } from "../../lib/graph/graph.ts";
import { type NamedNumbers, numbers } from "../contract/numbers.ts";
import { type Float64Program, openFloat64 } from "./float64_program.ts";
import { lower } from "./lowered.ts";

/** Largest error of a gradient, relative to its norm. */
export const TOLERANCE = 1e-7;

const STEP = 1e-5;

/** The sum of all elements of x, weighted by an input `weighting`. */
export function weightedSum(g: GraphBuilder, x: Value): Value {
  const weighting = g.input("weighting", x.shape, x.type);
  return g.reshape(sumAll(g, g.multiply(x, weighting)), []);
}

/** The sum of all elements, as a scalar. */
export function sumAll(g: GraphBuilder, x: Value): Value {
  if (x.shape.length === 0) return x;
  return g.reshape(g.reduceSum(x, x.shape.map((_, axis) => axis)), []);
}

/** |a - b| / |b|, of vectors. */
export function relativeError(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
): number {
  assert.equal(a.length, b.length);
  const difference = Array.from(b, (x, i) => x - a[i]!);
  return Math.hypot(...difference) / Math.hypot(...Array.from(b));
}

/** A scalar and what it is differentiated by. */
export interface Differentiable {
  readonly loss: Value;
  /** Inputs of the program. */
  readonly wrt: readonly Value[];
}

/** Options of {@linkcode assertGradients}. */
export interface AssertGradientsOptions extends GradientOptions {
  readonly feeds: NamedNumbers;
  readonly batch?: number;
}

/** The gradients of a loss by name, in float64. */
export async function computeGradients(
  g: GraphBuilder,
  { loss, wrt }: Differentiable,
  { feeds, batch, ...options }: AssertGradientsOptions,
): Promise<Record<string, Float64Array>> {
  const found = gradients(g, loss, { wrt, ...options });
  const outputs = wrt.map(({ name }, i) => [`d ${name}`, found[i]!] as const);
  for (const [i, value] of wrt.entries()) {
    assert.deepEqual(found[i]!.shape, value.shape, value.name);
    assert.equal(found[i]!.type, value.type, value.name);
  }
  // The loss keeps every input, one of which shows the batch size.
  const graph = lower(g.build({ loss, ...Object.fromEntries(outputs) }));
  const size = batch === undefined ? {} : { batch };
  await using program = await openFloat64(graph, size);
  return await program.run(feeds);
}

async function differences(
  program: Float64Program,
  { name }: Value,
  feeds: NamedNumbers,
): Promise<number[]> {
  const { shape, data } = feeds[name]!;
  const lossAt = async (i: number, step: number) => {
    const moved = Array.from(data, (x, k) => k === i ? x + step : x);
    const at = { ...feeds, [name]: numbers(shape, moved) };
    return (await program.run(at)).loss![0]!;
  };
  const found: number[] = [];
  for (let i = 0; i < data.length; i++) {
    const rise = await lossAt(i, STEP) - await lossAt(i, -STEP);
    found.push(rise / (2 * STEP));
  }
  return found;
}

/** Asserts that gradients are what finite differences say. */
export async function assertGradients(
  g: GraphBuilder,
  { loss, wrt }: Differentiable,
  options: AssertGradientsOptions,
): Promise<void> {
  const { feeds, batch } = options;
  const forward = lower(g.build({ loss }));
  const size = batch === undefined ? {} : { batch };
  await using program = await openFloat64(forward, size);
  const found = await computeGradients(g, { loss, wrt }, options);
  for (const value of wrt) {
    const expected = await differences(program, value, feeds);
    const actual = found[`d ${value.name}`]!;
    const error = relativeError(actual, expected);
    assert(
      error < TOLERANCE,
      `d ${value.name} is off by ${error}: [${actual}] is not [${expected}]`,
    );
  }
}
