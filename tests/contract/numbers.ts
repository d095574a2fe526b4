/**
 * Plain numbers with a shape: what tests feed and compare, whatever the engine.
 *
 * @module
 */
import assert from "node:assert/strict";

/** Numbers with a shape, row-major. */
export interface Numbers {
  /** Size of each axis. */
  readonly shape: readonly number[];
  /** As many numbers as the shape has places. */
  readonly data: ArrayLike<number>;
}

/** Numbers by name. */
export type NamedNumbers = Readonly<Record<string, Numbers>>;

/** Numbers with a shape. */
export function numbers(
  shape: readonly number[],
  data: ArrayLike<number>,
): Numbers {
  return { shape, data };
}

/** `count` numbers in [-1, 1) that look random and never change. */
export function scattered(count: number, seed = 1): number[] {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

/**
 * Compares shapes, and numbers up to `tolerance` times the larger of 1 and the
 * expected number.
 */
export function assertNumbers(
  actual: Numbers | undefined,
  expected: Numbers,
  { tolerance, label = "" }: { tolerance: number; label?: string },
): void {
  assert(actual !== undefined, `${label} is missing`);
  assert.deepEqual([...actual.shape], [...expected.shape], label);
  assert.equal(actual.data.length, expected.data.length, label);
  for (let i = 0; i < expected.data.length; i++) {
    const x: number = actual.data[i]!;
    const y: number = expected.data[i]!;
    const isClose: boolean = Object.is(x, y) ||
      Math.abs(x - y) <= tolerance * Math.max(1, Math.abs(y));
    assert(isClose, `${label}[${i}] must be ${y}: current value is ${x}`);
  }
}
