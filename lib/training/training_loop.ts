/**
 * The loop of training: steps, checkpoints, evaluations.
 *
 * @module
 */
import { ModelError } from "../checkpoint/model_error.ts";
import { orAbort } from "../async/abortable.ts";
import type { EvalRow, StepRow } from "../results/training_rows.ts";
import { batchesPerEpoch, epochBatches } from "./images/batches.ts";
import type { TrainingState } from "./training_checkpoint.ts";
import type { Batch, StepResult } from "./engine/training_engine.ts";
import { assertComparable, bestEvaluation } from "./kept_models.ts";
import { type LaterRow, readLog, type TrainingLog } from "./training_log.ts";
import { type Adam, clipGlobalNorm, globalNorm } from "./optimiser.ts";
import { learningRate } from "./schedule.ts";
import type { TrainerContext, TrainerOptions } from "./trainer_options.ts";

/** How many steps a run has in all. */
export function stepsOf(
  { epochs, maxSteps, batchSize }: Pick<
    TrainerOptions,
    "epochs" | "maxSteps" | "batchSize"
  >,
  images: number,
): number {
  return Math.min(maxSteps, epochs * batchesPerEpoch(images, batchSize));
}

function isFinite({ loss, gradients }: StepResult): boolean {
  return Number.isFinite(loss) && Number.isFinite(globalNorm(gradients));
}

/** Where a loop starts. */
export interface LoopStart {
  /** The state of the run. */
  readonly state: TrainingState;
  /** The log up to that state. */
  readonly log: TrainingLog;
  /** The optimiser in that state. */
  readonly optimiser: Adam;
}

/** Least time between two pages; one also follows each evaluation and the end. */
const PAGE_MILLISECONDS = 10_000;

/** Trains from one checkpoint to the next. */
export class TrainingLoop {
  readonly #context: TrainerContext;
  readonly #options: TrainerOptions;
  readonly #start: LoopStart;
  readonly #perEpoch: number;
  readonly #steps: number;
  #state: TrainingState;
  #savedStep: number;
  #pageTime = -Infinity;

  constructor(
    context: TrainerContext,
    options: TrainerOptions,
    start: LoopStart,
  ) {
    this.#context = context;
    this.#options = options;
    this.#start = start;
    this.#state = start.state;
    this.#savedStep = start.state.step;
    this.#perEpoch = batchesPerEpoch(context.set.size, options.batchSize);
    this.#steps = stepsOf(options, context.set.size);
  }

  /** Trains to the last step. */
  async run(): Promise<TrainingState> {
    this.#options.onStart?.(this.#state.step, this.#steps);
    await this.#settle(this.#start.log.later);
    while (this.#state.step < this.#steps) await this.#trainEpoch();
    await this.#takeBest();
    return this.#state;
  }

  async #takeBest(): Promise<void> {
    const { best, onBest } = this.#options;
    if (best === undefined) return;
    const { folder, kept } = this.#context;
    const row = bestEvaluation(await readLog(folder.logPath), best);
    if (row === undefined) return;
    await kept.take(row.step);
    onBest?.(row);
  }

  /** Saves what was done since the last checkpoint. */
  async saveUnsaved(): Promise<void> {
    if (this.#state.step !== this.#savedStep) await this.#save();
  }

  async #trainEpoch(): Promise<void> {
    const { epoch, batches: skip } = this.#state;
    const options = { ...this.#options, skip };
    let start = performance.now();
    for await (const batch of epochBatches(this.#context.set, epoch, options)) {
      this.#options.signal.throwIfAborted();
      await this.#step(batch, start);
      if (this.#isPlanned()) {
        await this.#save();
        await this.#settle([]);
      }
      if (this.#state.step === this.#steps) return;
      start = performance.now();
    }
  }

  async #step(batch: Batch, start: number): Promise<void> {
    const { engine, parameters } = this.#context;
    const { schedule, clipNorm, onStep, signal } = this.#options;
    const { epoch, step } = this.#state;
    const result = await orAbort(engine.step(batch, parameters), signal);
    if (!isFinite(result)) await this.#explain(batch, result);
    const { loss, coarse, refined, losses, gradients } = result;
    const moment = { epoch, step };
    const lr = learningRate({ ...schedule, steps: this.#steps }, moment);
    clipGlobalNorm(gradients, clipNorm);
    this.#start.optimiser.step(parameters, gradients, lr);
    const seconds = (performance.now() - start) / 1000;
    const row: StepRow = {
      event: "step",
      epoch,
      step: step + 1,
      loss,
      coarse,
      refined,
      ...refined === null && { losses },
      lr,
      seconds,
    };
    await this.#start.log.write(row);
    await this.#advance(loss);
    onStep?.(row);
  }

  async #advance(loss: number): Promise<void> {
    const { epoch, batches, step, lossSum } = this.#state;
    const next = { batches: batches + 1, step: step + 1 };
    const sum = lossSum + loss;
    if (next.batches < this.#perEpoch) {
      this.#state = { epoch, ...next, lossSum: sum };
      return;
    }
    const mean = sum / this.#perEpoch;
    const row = { event: "epoch", epoch, step: next.step, loss: mean } as const;
    await this.#start.log.write(row);
    this.#state = { ...next, epoch: epoch + 1, batches: 0, lossSum: 0 };
  }

  async #explain(batch: Batch, { loss }: StepResult): Promise<never> {
    const { engine, parameters } = this.#context;
    const name = await engine.firstBadTensor(batch, parameters);
    const what = Number.isFinite(loss) ? "a gradient" : "the loss";
    const where = name === undefined
      ? "all tensors are when they are computed once more"
      : `the first tensor that is not is ${name}`;
    throw new ModelError(
      `Cannot go on training as ${what} of step ${this.#state.step + 1} ` +
        `must be finite: ${where}; the checkpoint of step ${this.#savedStep} ` +
        `is kept`,
    );
  }

  async #save(): Promise<void> {
    const { folder, engine, parameters } = this.#context;
    const { log, optimiser } = this.#start;
    await log.sync();
    await folder.save({
      state: this.#state,
      settings: this.#options.settings,
      recompute: engine.recomputes,
      logBytes: log.bytes,
      parameters,
      optimiser: optimiser.state,
    }, engine.shapes);
    this.#savedStep = this.#state.step;
  }

  /**
   * Does what follows a checkpoint: model, log, evaluation, page.
   *
   * @param done Rows that an interrupted run had already written here.
   */
  async #settle(done: readonly LaterRow[]): Promise<void> {
    const { folder, parameters, writeModel, evaluate } = this.#context;
    const { log } = this.#start;
    const has = (event: LaterRow["event"]) =>
      done.some((row) => row.event === event);
    const when = this.#lastStep();
    await writeModel(parameters);
    if (this.#isPlanned() && !has("checkpoint")) {
      await log.write({ event: "checkpoint", ...when });
    }
    const evaluates = evaluate !== null && this.#isEvaluated();
    if (evaluates && !has("eval")) {
      const result = await orAbort(evaluate(), this.#options.signal);
      const row: EvalRow = { event: "eval", ...when, ...result };
      const { best } = this.#options;
      if (best !== undefined) {
        assertComparable(row, best);
        await this.#context.kept.keep(row.step);
      }
      await log.write(row);
      this.#options.onEval?.(row);
    }
    const isLast = this.#state.step === this.#steps;
    const isOld = performance.now() - this.#pageTime > PAGE_MILLISECONDS;
    if (!evaluates && !isLast && !isOld) return;
    await folder.writePage(this.#options.facts);
    this.#pageTime = performance.now();
  }

  /** The last step, and its epoch. */
  #lastStep(): { epoch: number; step: number } {
    const { epoch, batches, step } = this.#state;
    return { epoch: batches === 0 ? Math.max(epoch - 1, 0) : epoch, step };
  }

  #isMilestone(): boolean {
    const { batches, step } = this.#state;
    return batches === 0 || step === this.#steps;
  }

  /** Whether an uninterrupted run writes a checkpoint here. */
  #isPlanned(): boolean {
    const { step } = this.#state;
    return this.#isMilestone() || step % this.#options.checkpointEvery === 0;
  }

  #isEvaluated(): boolean {
    const { epoch, step } = this.#state;
    const due = epoch % this.#options.evalEvery === 0;
    return this.#isMilestone() && (due || step === this.#steps);
  }
}
