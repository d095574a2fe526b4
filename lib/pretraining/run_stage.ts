/**
 * Trains one stage of a recipe, from its start or from a checkpoint.
 *
 * @module
 */
import { begin } from "../async/begin.ts";
import { isThere } from "../files/is_there.ts";
import { ModelError } from "../checkpoint/model_error.ts";
import type { Tensors } from "../onnx/tensor.ts";
import {
  readCheckpoint,
  type Settings,
  writeCheckpoint,
} from "../training/training_checkpoint.ts";
import {
  Adam,
  clipGlobalNorm,
  type NamedArrays,
} from "../training/optimiser.ts";
import type { PretrainingStage } from "./recipe.ts";
import type { StageEngine, StageResult } from "./stage_engine.ts";
import { StageLog } from "./stage_log.ts";
import { decays } from "../training/trainable.ts";

/** Steps between checkpoints, and between rows of the log. */
const CHECKPOINT_STEPS = 250;
const LOG_STEPS = 50;

/**
 * The learning rate of a step, counted from 0: it rises, stays constant, and
 * falls. No earlier step depends on the length of the constant part, so it may
 * be changed while it lasts.
 */
export function stageRate(
  { learningRate, warmup, decay, steps }: PretrainingStage,
  step: number,
): number {
  const rise = Math.min(1, (step + 1) / Math.max(warmup, 1));
  const left = Math.min(1, (steps - step) / Math.max(decay, 1));
  return learningRate * rise * (1 - Math.cos(Math.PI * left)) / 2;
}

/** What {@linkcode runStage} works with. */
export interface StageContext {
  /** Computes loss and gradients. */
  readonly engine: Pick<StageEngine, "shapes" | "step">;
  /** Gives the inputs of a step, counted from 0. */
  readonly inputs: (step: number) => Promise<Tensors>;
  /** The tensors to train; training changes the arrays in place. */
  readonly parameters: NamedArrays;
  /** The folder of checkpoint and log; it must exist. */
  readonly folder: string;
}

/** Options of {@linkcode runStage}. */
export interface StageOptions {
  /** The stage. */
  readonly stage: PretrainingStage;
  /** What must not change when the stage is resumed. */
  readonly settings: Settings;
  /** Saves the stage and ends it with the signal's reason. */
  readonly signal: AbortSignal;
  /** Called after each step. */
  readonly onStep: (step: number, loss: number) => void;
}

/** Sums since the last row of the log. */
class Sums {
  #count = 0;
  #loss = 0;
  readonly #reports = new Map<string, number>();

  add({ loss, reports }: StageResult): void {
    this.#count++;
    this.#loss += loss;
    for (const [name, value] of Object.entries(reports)) {
      this.#reports.set(name, (this.#reports.get(name) ?? 0) + value);
    }
  }

  /** Returns the means and starts again. */
  take(): { loss: number; reports: Record<string, number> } {
    const count = this.#count;
    const means = {
      loss: this.#loss / count,
      reports: Object.fromEntries(
        [...this.#reports].map(([name, sum]) => [name, sum / count]),
      ),
    };
    this.#count = 0;
    this.#loss = 0;
    this.#reports.clear();
    return means;
  }
}

/** The loop of a stage. */
class StageLoop {
  readonly #context: StageContext;
  readonly #options: StageOptions;
  readonly #log: StageLog;
  readonly #optimiser: Adam;
  readonly #sums = new Sums();
  readonly #start = performance.now();
  #step: number;

  constructor(
    context: StageContext,
    options: StageOptions,
    start: { log: StageLog; optimiser: Adam; step: number },
  ) {
    this.#context = context;
    this.#options = options;
    this.#log = start.log;
    this.#optimiser = start.optimiser;
    this.#step = start.step;
  }

  async run(): Promise<void> {
    const { stage: { steps }, signal } = this.#options;
    const { inputs } = this.#context;
    let next = inputs(this.#step);
    while (this.#step < steps) {
      if (signal.aborted) {
        await this.#save();
        throw signal.reason;
      }
      const current = await next;
      // The next inputs are drawn while this step is computed.
      next = begin(inputs(this.#step + 1));
      await this.#train(current);
    }
    await this.#save();
  }

  async #train(inputs: Tensors): Promise<void> {
    const { engine, parameters } = this.#context;
    const { stage, onStep } = this.#options;
    const result = await engine.step(inputs, parameters);
    this.#check(result);
    const rate = stageRate(stage, this.#step);
    clipGlobalNorm(
      result.gradients as Map<string, Float32Array>,
      stage.clipNorm,
    );
    this.#optimiser.step(parameters, result.gradients, rate);
    this.#step++;
    this.#sums.add(result);
    onStep(this.#step, result.loss);
    const isLast = this.#step === stage.steps;
    if (isLast || this.#step % LOG_STEPS === 0) await this.#write(rate);
    if (this.#step % CHECKPOINT_STEPS === 0) await this.#save();
  }

  #check({ loss }: StageResult): void {
    if (Number.isFinite(loss)) return;
    throw new ModelError(
      `Cannot go on with stage ${this.#options.stage.name} as the loss of ` +
        `step ${this.#step + 1} must be finite: current value is ${loss}`,
    );
  }

  async #write(rate: number): Promise<void> {
    const seconds = (performance.now() - this.#start) / 1000;
    const stage = this.#options.stage.name;
    const step = this.#step;
    await this.#log.write({ stage, step, ...this.#sums.take(), rate, seconds });
  }

  async #save(): Promise<void> {
    const { engine, parameters, folder } = this.#context;
    const path = checkpointPath(folder);
    const step = this.#step;
    await writeCheckpoint(path, {
      state: { epoch: 0, batches: step, step, lossSum: 0 },
      settings: this.#options.settings,
      recompute: false,
      logBytes: this.#log.bytes,
      parameters,
      optimiser: this.#optimiser.state,
    }, engine.shapes);
  }
}

function checkpointPath(folder: string): string {
  return `${folder}/training.safetensors`;
}

/**
 * Trains a stage to its end, from the checkpoint of its folder if there is one.
 *
 * @throws {ModelError} If the checkpoint belongs to another recipe, or a loss
 * is not finite.
 */
export async function runStage(
  context: StageContext,
  options: StageOptions,
): Promise<void> {
  const { engine: { shapes }, parameters, folder } = context;
  const { settings, stage: { weightDecay } } = options;
  const path = checkpointPath(folder);
  const saved = await isThere(path)
    ? await readCheckpoint(path, { shapes, settings })
    : undefined;
  for (const [name, values] of saved?.parameters ?? []) {
    parameters.get(name)!.set(values);
  }
  using log = await StageLog.open(`${folder}/log.jsonl`, saved?.logBytes ?? 0);
  const optimiser = new Adam(parameters, {
    weightDecay,
    decays: (name) => decays(shapes.get(name)!),
  }, saved?.optimiser);
  const step = saved?.state.step ?? 0;
  await new StageLoop(context, options, { log, optimiser, step }).run();
}
