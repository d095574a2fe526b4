/**
 * What `train` shows of a run.
 *
 * @module
 */
import { formatMetric } from "../../lib/report/format.ts";
import { METRIC_TITLES } from "../../lib/results/summary.ts";
import type { EvalRow, StepRow } from "../../lib/results/training_rows.ts";
import { type Progress, showProgress } from "../cli/progress.ts";

function printEval({ step, mean }: EvalRow): void {
  const metrics = (["i_auroc", "p_auroc", "aupro"] as const).map((name) =>
    `${METRIC_TITLES[name]} ${formatMetric(mean[name], "-")}`
  );
  console.error(`Evaluation after step ${step}: ${metrics.join(", ")}`);
}

/** Shows the progress of a run, and keeps the last step and evaluation. */
export class Display {
  readonly #images: number;
  readonly #evalSize: number;
  #reading: Progress | undefined;
  #training: Progress | undefined;
  #evaluating: Progress | undefined;
  lastStep: StepRow | undefined;
  lastEval: EvalRow | undefined;
  bestEval: EvalRow | undefined;

  constructor(images: number, evalSize: number) {
    this.#images = images;
    this.#evalSize = evalSize;
  }

  readonly onRead = (): void => {
    this.#reading ??= showProgress("read", this.#images);
    this.#reading.advance();
  };

  readonly onStart = (done: number, total: number): void => {
    this.#reading?.finish();
    this.#training = showProgress("train", total - done);
  };

  readonly onStep = (row: StepRow): void => {
    this.lastStep = row;
    this.#training?.advance();
  };

  readonly onEvalImage = (): void => {
    this.#evaluating ??= showProgress("eval", this.#evalSize);
    this.#evaluating.advance();
  };

  readonly onEval = (row: EvalRow): void => {
    this.lastEval = row;
    this.#evaluating?.finish();
    this.#evaluating = undefined;
    printEval(row);
  };

  readonly onBest = (row: EvalRow): void => {
    this.bestEval = row;
  };

  finish(): void {
    this.#reading?.finish();
    this.#evaluating?.finish();
    this.#training?.finish();
  }
}

/** What is said of a run that has ended. */
export type Trained = Pick<Display, "lastStep" | "lastEval" | "bestEval"> & {
  readonly step: number;
  readonly epoch: number;
  readonly data: string;
};

/** Prints what a run that has ended made. */
export function printTrained(
  { lastStep, lastEval, bestEval, step, epoch, data }: Trained,
  { model, out, json }: {
    readonly model: string;
    readonly out: string;
    readonly json: boolean;
  },
): void {
  const summary = {
    model,
    data,
    out,
    step,
    epochs: epoch,
    loss: lastStep?.loss ?? null,
    eval: lastEval === undefined ? null : lastEval.mean,
    ...bestEval && { best: { step: bestEval.step, ...bestEval.mean } },
  };
  if (json) console.log(JSON.stringify(summary));
  else console.log(`Trained ${step} steps, ${epoch} whole epochs`);
  const say = json ? console.error : console.log;
  if (bestEval) say(`Best evaluation: after step ${bestEval.step}`);
  say(`Model: ${out}`);
  say(`Page: ${out}/train.html`);
}
