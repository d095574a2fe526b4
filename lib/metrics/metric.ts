/**
 * A metric: a number, or the reason why there is none.
 *
 * @module
 */

/** A metric that could be computed, or the reason why it could not. */
export type Metric =
  | { readonly value: number; readonly absent?: never }
  | { readonly value: null; readonly absent: string };

/** Wraps a number that was computed. */
export function measured(value: number): Metric {
  return { value };
}

/** Wraps the reason why a metric cannot be computed. */
export function absent(reason: string): Metric {
  return { value: null, absent: reason };
}
