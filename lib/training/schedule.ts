/**
 * How the learning rate changes while training goes on.
 *
 * @module
 */

/** Options of {@linkcode learningRate}. */
export interface ScheduleOptions {
  /** The rate to start from. */
  readonly base: number;
  /**
   * `decay` divides the base rate by the number of the epoch, counted from 1
   * (the paper's section 4.1); `cosine` lets it fall along half a wave to 0 at
   * the last step.
   */
  readonly kind: "decay" | "cosine";
  /** Steps over which the rate first rises to its full value, 0 for none. */
  readonly warmup: number;
  /** How many steps the whole run has. */
  readonly steps: number;
}

/** Where a run stands. */
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
  const part = (step - warmup) / Math.max(steps - warmup, 1);
  return base * (1 + Math.cos(Math.PI * Math.min(part, 1))) / 2;
}
