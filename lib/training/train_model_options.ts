/**
 * What `trainModel()` trains, and its options.
 *
 * @module
 */
import type { DataSet } from "../data/sample.ts";
import type { JsonObject } from "../checkpoint/json_file.ts";
import type { MethodName } from "../methods/methods.ts";
import type { TrainingDefaults } from "../methods/training_rules.ts";
import type { Prompts } from "../methods/sentences.ts";
import type { Provider } from "../onnx/session.ts";
import type { BackendName } from "../tfjs/backend_name.ts";
import type { ModelPart } from "./trainable.ts";
import type { TrainerChoices } from "./trainer_options.ts";

/** A model, the images to train it on, and the place of the result. */
export interface TrainingJob {
  /**
   * The model to start from: `nano`, the name of a downloaded model, or the
   * path or file: URL of a model directory.
   */
  readonly model: string | URL;
  /**
   * Name of the model, for the page.
   *
   * @default {the value of `model`}
   */
  readonly modelName?: string;
  /** The images to train on. */
  readonly dataSet: DataSet;
  /**
   * The images to evaluate on.
   *
   * @default {null, for no evaluations}
   */
  readonly evalSet?: DataSet | null;
  /** The folder for log, checkpoint and model. */
  readonly out: string;
}

/** The options that {@linkcode trainModel} fills in where they are absent. */
export interface TrainModelChoices extends TrainerChoices {
  /** The method, where the model's directory holds the choices of none. */
  readonly method?: MethodName | undefined;
  /** Choices that override those of the model, spelled as in its file. */
  readonly choices: JsonObject;
  /** Whether to start with a new head. */
  readonly initHead: boolean;
  /** The parts of the model that are trained. */
  readonly trainedParts: ReadonlySet<ModelPart>;
  /** Computes losses and gradients; evaluations always use onnx. */
  readonly engine: "onnx" | "tfjs";
  /** Where the network runs. */
  readonly provider: Provider;
  /** Threads within one operator; 0 for one per core. */
  readonly threads: number;
  /**
   * Whether the backward pass keeps what the vision blocks compute, or
   * computes it again. `auto` keeps it where it fits into memory.
   */
  readonly memory: "auto" | "keep" | "recompute";
  /** Bytes of memory that training may use, for `memory: "auto"`. */
  readonly availableBytes: number;
  /** Whether training and evaluation may share categories. */
  readonly allowOverlap: boolean;
  /**
   * Whether a mask that cannot be used is an error; else its image is left out.
   *
   * @default {false}
   */
  readonly strict?: boolean;
  /** Called with each warning. */
  readonly onWarning: (message: string) => void;
}

/**
 * Options of {@linkcode trainModel}. Absent ones are those of the method's
 * paper, for MFP-CLIP 100 epochs of Adam over single images, its learning rate
 * 0.001 divided by the number of the epoch. Only the head is trained.
 */
export interface TrainModelOptions
  extends Partial<Omit<TrainModelChoices, "schedule">> {
  /** The learning rate; what is absent is as published. */
  readonly schedule?: Partial<TrainModelChoices["schedule"]>;
  /**
   * What TensorFlow.js runs on.
   *
   * @default {the first that works of native, webgpu, wasm and cpu}
   */
  readonly backend?: BackendName;
  /**
   * Names and sentences of categories.
   *
   * @default {each category under its own name}
   */
  readonly prompts?: Prompts;
  /**
   * The cache of downloaded models. It also keeps copies of tensors that a
   * checkpoint does not store row by row, which are an error without it.
   */
  readonly cacheFolder?: string;
  /** Called after each image that is read before the first step. */
  readonly onRead?: () => void;
  /** Called after each image of an evaluation. */
  readonly onEvalImage?: () => void;
}

/** Options with the defaults filled in. */
export type CompleteTrainModelOptions =
  & Omit<TrainModelOptions, "schedule">
  & TrainModelChoices;

/**
 * Fills in the defaults.
 *
 * @param published Those of the method.
 */
export function completeOptions(
  { schedule, ...options }: TrainModelOptions,
  published: TrainingDefaults,
): CompleteTrainModelOptions {
  const { epochs, batchSize, firstBeta } = published;
  const { weightDecay = 0, decays = "matrices" } = published;
  const { learningRate: base, schedule: kind } = published;
  return {
    choices: {},
    initHead: false,
    trainedParts: new Set(["head"]),
    engine: "onnx",
    provider: "cpu",
    threads: 0,
    memory: "auto",
    availableBytes: Infinity,
    allowOverlap: false,
    onWarning: () => {},
    resume: false,
    epochs,
    maxSteps: Infinity,
    batchSize,
    seed: 0,
    shuffle: true,
    augmentation: { flip: false, rotate: false, mosaic: 0 },
    schedule: { base, kind, warmup: 0, ...schedule },
    firstBeta,
    weightDecay,
    decays,
    clipNorm: Infinity,
    checkpointEvery: 100,
    evalEvery: 1,
    signal: new AbortController().signal,
    ...options,
  };
}
