/**
 * The trained tensors of each evaluation, of which the best are taken in the end.
 *
 * @module
 */
import { dirname } from "node:path";
import { ModelError } from "../checkpoint/model_error.ts";
import { isThere } from "../files/is_there.ts";
import { writeWhole } from "../files/whole_file.ts";
import { METRIC_TITLES, type MetricName } from "../results/summary.ts";
import type { EvalRow, LogRow } from "../results/training_rows.ts";

/** The trained tensors of each evaluation, in a folder beside the model. */
export class KeptModels {
  readonly #out: string;
  readonly #files: readonly string[];

  /**
   * @param out The model directory that training writes.
   * @param files Its files that training changes.
   */
  constructor(out: string, files: readonly string[]) {
    this.#out = out;
    this.#files = files;
  }

  #folderOf(step: number): string {
    return `${this.#out}/evaluated/${step}`;
  }

  /** Keeps the model as it is after a step. */
  async keep(step: number): Promise<void> {
    for (const file of this.#files) {
      const path = `${this.#folderOf(step)}/${file}`;
      await Deno.mkdir(dirname(path), { recursive: true });
      await writeWhole(path, await Deno.readFile(`${this.#out}/${file}`));
    }
  }

  /**
   * Makes the model what it was after a step.
   *
   * @throws {ModelError} If it was not kept.
   */
  async take(step: number): Promise<void> {
    for (const file of this.#files) {
      const path = `${this.#folderOf(step)}/${file}`;
      if (!await isThere(path)) {
        throw new ModelError(
          `Cannot take the model of step ${step} as ${path} must be there: the run must have kept its evaluations from the start`,
        );
      }
      await writeWhole(`${this.#out}/${file}`, await Deno.readFile(path));
    }
  }
}

/**
 * Refuses an evaluation that cannot be compared with others.
 *
 * @throws {ModelError} If it lacks the metric.
 */
export function assertComparable(
  { mean, step }: EvalRow,
  metric: MetricName,
): void {
  if (mean[metric] !== null) return;
  throw new ModelError(
    `Cannot choose the best model as each evaluation must have ${
      METRIC_TITLES[metric]
    }: that of step ${step} has none`,
  );
}

/** The first evaluation of the highest value, that of the start left out. */
export function bestEvaluation(
  rows: readonly LogRow[],
  metric: MetricName,
): EvalRow | undefined {
  let best: EvalRow | undefined;
  for (const row of rows) {
    if (row.event !== "eval" || row.step === 0) continue;
    const before = best?.mean[metric] ?? -Infinity;
    if ((row.mean[metric] ?? -Infinity) > before) best = row;
  }
  return best;
}
