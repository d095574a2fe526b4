/**
 * What a run of training is made of, and how it goes.
 *
 * @module
 */
import type { TrainingFacts } from "../report/training_page.ts";
import type { EvalRow, StepRow } from "../results/training_rows.ts";
import type { EpochOptions } from "./images/batches.ts";
import type { Settings } from "./training_checkpoint.ts";
import type { TrainingEngine } from "./engine/training_engine.ts";
import type { NamedArrays } from "./optimiser.ts";
import type { RunFolder } from "./run_folder.ts";
import type { ScheduleOptions } from "./schedule.ts";
import type { TrainingSet } from "./images/training_set.ts";

/** What an evaluation finds out, without when. */
export type EvalFigures = Omit<EvalRow, "event" | "epoch" | "step">;

/** What a run is made of. */
export interface TrainerParts {
  /** Computes losses and gradients. */
  readonly engine: TrainingEngine;
  /** The images. */
  readonly set: TrainingSet;
  /** Where log and checkpoint are. */
  readonly folder: RunFolder;
  /** What training starts from; the arrays are changed. */
  readonly parameters: NamedArrays;
  /** Writes the model as it is now. */
  readonly writeModel: (parameters: NamedArrays) => Promise<void>;
  /** Evaluates the model that was written last; null for no evaluations. */
  readonly evaluate: (() => Promise<EvalFigures>) | null;
}

/** How a run goes. */
export interface TrainerOptions extends EpochOptions {
  /** What the page says of the run. */
  readonly facts: TrainingFacts;
  /** What may not change when a run is taken up again. */
  readonly settings: Settings;
  /** Whether to go on from the folder's checkpoint, where there is one. */
  readonly resume: boolean;
  /** How often every image is seen. */
  readonly epochs: number;
  /** Steps after which to stop at the latest. */
  readonly maxSteps: number;
  /** The learning rate; its number of steps is that of the run. */
  readonly schedule: Omit<ScheduleOptions, "steps">;
  /** Decoupled weight decay of Adam, 0 for none. */
  readonly weightDecay: number;
  /** Longest that all gradients together may be; Infinity for any length. */
  readonly clipNorm: number;
  /** Steps between checkpoints, besides those at the ends of epochs. */
  readonly checkpointEvery: number;
  /** Epochs between evaluations, besides the first and the last one. */
  readonly evalEvery: number;
  /** Ends the run early, with the signal's reason, once it is saved. */
  readonly signal: AbortSignal;
  /** Called once, with the steps done before and those of the whole run. */
  readonly onStart?: (done: number, total: number) => void;
  /** Called after each step. */
  readonly onStep?: (row: StepRow) => void;
  /** Called after each evaluation. */
  readonly onEval?: (row: EvalRow) => void;
}
