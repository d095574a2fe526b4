/**
 * What a trainer works with, and its options.
 *
 * @module
 */
import type { TrainingFacts } from "../report/training_page.ts";
import type { EvalRow, StepRow } from "../results/training_rows.ts";
import type { MetricName } from "../results/summary.ts";
import type { KeptModels } from "./kept_models.ts";
import type { EpochOptions } from "./images/batches.ts";
import type { Settings } from "./training_checkpoint.ts";
import type { TrainingEngine } from "./engine/training_engine.ts";
import type { NamedArrays } from "./optimiser.ts";
import type { RunFolder } from "./run_folder.ts";
import type { ScheduleOptions } from "./schedule.ts";
import type { TrainingSet } from "./images/training_set.ts";

/** The result of an evaluation, without its place in the run. */
export type EvalResult = Omit<EvalRow, "event" | "epoch" | "step">;

/** What a trainer works with. */
export interface TrainerContext {
  /** Computes losses and gradients. */
  readonly engine: TrainingEngine;
  /** The images. */
  readonly set: TrainingSet;
  /** The folder of log and checkpoint. */
  readonly folder: RunFolder;
  /** The tensors to train; training changes the arrays in place. */
  readonly parameters: NamedArrays;
  /** Writes the model with the current parameters. */
  readonly writeModel: (parameters: NamedArrays) => Promise<void>;
  /** Evaluates the last written model; null for no evaluations. */
  readonly evaluate: (() => Promise<EvalResult>) | null;
  /** Keeps the models of evaluations, for {@linkcode TrainerChoices.best}. */
  readonly kept: KeptModels;
}

/** The options of a run that a user can choose. */
export interface TrainerChoices
  extends Omit<EpochOptions, "textOf" | "imageOf"> {
  /** Whether to resume from the folder's checkpoint if it has one. */
  readonly resume: boolean;
  /** How many times training sees each image. */
  readonly epochs: number;
  /** Training stops after this many steps at the latest. */
  readonly maxSteps: number;
  /** The learning rate; its number of steps is that of the run. */
  readonly schedule: Omit<ScheduleOptions, "steps">;
  /** How much of the mean gradient Adam keeps from step to step. */
  readonly firstBeta: number;
  /** Decoupled weight decay of AdamW; 0 for Adam. */
  readonly weightDecay: number;
  /**
   * Which tensors decay: matrices and kernels, or all.
   *
   * @default {"matrices"}
   */
  readonly decays?: "matrices" | "all";
  /** Largest global norm of the gradients; Infinity for no limit. */
  readonly clipNorm: number;
  /** Steps between checkpoints; one is also written after each epoch. */
  readonly checkpointEvery: number;
  /** Epochs between evaluations; the start and the end are always evaluated. */
  readonly evalEvery: number;
  /**
   * The metric of evaluations by which the model of one of them is taken in the
   * end, that of the start left out. Their models are kept below `evaluated`.
   *
   * @default {the last model is the result}
   */
  readonly best?: MetricName | undefined;
  /** Saves the run and ends it with the signal's reason. */
  readonly signal: AbortSignal;
  /** Called once, with the steps already done and the steps of the whole run. */
  readonly onStart?: (done: number, total: number) => void;
  /** Called after each step. */
  readonly onStep?: (row: StepRow) => void;
  /** Called after each evaluation. */
  readonly onEval?: (row: EvalRow) => void;
  /** Called with the evaluation whose model is the result, for `best`. */
  readonly onBest?: (row: EvalRow) => void;
}

/** Options of `train()`. */
export interface TrainerOptions
  extends TrainerChoices, Pick<EpochOptions, "textOf" | "imageOf"> {
  /** What the page shows about the run. */
  readonly facts: TrainingFacts;
  /** What must not change when the run is resumed. */
  readonly settings: Settings;
}
