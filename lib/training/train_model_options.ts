/**
 * What is trained on what, and how: all that a user can choose.
 *
 * @module
 */
import type { DataSet } from "../data/sample.ts";
import type { JsonObject } from "../checkpoint/json_file.ts";
import type { Prompts } from "../methods/sentences.ts";
import type { Provider } from "../onnx/session.ts";
import type { BackendName } from "../tfjs/backend.ts";
import type { ModelPart } from "./trainable.ts";
import type { TrainerOptions } from "./trainer_options.ts";

/** What is trained on what. */
export interface TrainModelParts {
  /** The model directory to start from. */
  readonly directory: string;
  /** Its name, for the page. */
  readonly model: string;
  /** The images to train on. */
  readonly dataSet: DataSet;
  /** The images to evaluate on; null for none. */
  readonly evalSet: DataSet | null;
  /** The folder for log, checkpoint and model. */
  readonly out: string;
}

/** How it is trained. */
export interface TrainModelOptions
  extends Omit<TrainerOptions, "idsOf" | "settings" | "facts"> {
  /** Choices that override those of the model, spelled as in its file. */
  readonly choices: JsonObject;
  /** Whether the head starts afresh. */
  readonly initHead: boolean;
  /** The parts that are trained. */
  readonly parts: ReadonlySet<ModelPart>;
  /** Names and sentences of categories; others are named as they are. */
  readonly prompts?: Prompts;
  /** What computes losses and gradients; evaluations always run in onnx. */
  readonly engine: "onnx" | "tfjs";
  /** What tfjs runs on; the fastest that can be had where it is not given. */
  readonly backend?: BackendName;
  /**
   * Where copies of tensors are kept that a checkpoint does not store row by
   * row. Without it such a checkpoint is an error; most need none.
   */
  readonly cacheFolder?: string;
  /** Where the network runs. */
  readonly provider: Provider;
  /** Threads within one operator; 0 for as many as there are cores. */
  readonly threads: number;
  /**
   * Whether the backward pass keeps what vision blocks compute or computes it
   * again; `auto` keeps it where it fits into the available memory.
   */
  readonly memory: "auto" | "keep" | "recompute";
  /** Memory that may be used, in bytes. */
  readonly availableBytes: number;
  /** Whether images of one category may be trained and evaluated on. */
  readonly allowOverlap: boolean;
  /** Told of each thing the user should know. */
  readonly onWarning: (message: string) => void;
  /** Called after each image that is read before the first step. */
  readonly onRead?: () => void;
  /** Called after each image of an evaluation. */
  readonly onEvalImage?: () => void;
}
