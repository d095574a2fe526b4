/**
 * Learning rate schedules.
 *
 * @module
 */

/** Options of {@linkcode learningRate}. */
export interface ScheduleOptions {
  /** The first rate. */
  readonly base: number;
  /**
   * `decay` divides the base rate by the number of the epoch, counted from 1
   * (section 4.1 of the paper), `constant` keeps it. `cosine` lowers it along half a cosine wave to
   * 0 at the last step.
   */
  readonly kind: "decay" | "constant" | "cosine";
  /** Steps over which the rate rises to its full value; 0 for none. */
  readonly warmup: number;
  /** How many steps the whole run has. */
  readonly steps: number;
}

/** A point in a run. */
export interface Moment {
  /** The epoch, counted from 0. */
  readonly epoch: number;
  /** The step of the whole run, counted from 0. */
  readonly step: number;
}

/** The learning rate of one step. */
export function learningRate(
  { base, kind, warmup, steps }: ScheduleOptions,
  { epoch, step }: Moment,
): number {
  if (step < warmup) return base * (step + 1) / warmup;
  if (kind === "decay") return base / (epoch + 1);
  if (kind === "constant") return base;
  const part = (step - warmup) / Math.max(steps - warmup, 1);
  return base * (1 + Math.cos(Math.PI * Math.min(part, 1))) / 2;
}
