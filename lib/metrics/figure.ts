/**
 * A figure of a table: a number, or the reason why there is none.
 *
 * @module
 */

/** A figure that could be computed, or the reason why it could not. */
export type Figure =
  | { readonly value: number; readonly absent?: never }
  | { readonly value: null; readonly absent: string };

/** The mean of a figure over categories. */
export interface MeanFigure {
  /** Mean of those that could be computed; null where none could. */
  readonly value: number | null;
  /** How many figures entered the mean. */
  readonly counted: number;
}

/** Wraps a number that was computed. */
export function known(value: number): Figure {
  return { value };
}

/** Wraps the reason why a figure cannot be computed. */
export function absent(reason: string): Figure {
  return { value: null, absent: reason };
}

/**
 * Plain mean over categories; figures that are absent are left out and not
 * counted.
 */
export function meanFigure(figures: Iterable<Figure>): MeanFigure {
  let sum = 0;
  let counted = 0;
  for (const { value } of figures) {
    if (value === null) continue;
    sum += value;
    counted++;
  }
  return { value: counted === 0 ? null : sum / counted, counted };
}
