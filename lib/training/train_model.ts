/**
 * From a model directory and a data set to a trained model directory.
 *
 * @module
 */
import { ModelError } from "../checkpoint/model_error.ts";
import { type DataSet, DataSetError } from "../data/sample.ts";
import { headShapes } from "../mfp_clip/head_shapes.ts";
import type { MfpClipConfig } from "../mfp_clip/config.ts";
import {
  headSizes,
  type ModelDirectory,
  openModelDirectory,
} from "../mfp_clip/model_directory.ts";
import {
  type PromptIds,
  promptIds,
  type Prompts,
} from "../mfp_clip/prompts.ts";
import type { Provider } from "../onnx/session.ts";
import type { Standing } from "./checkpoint.ts";
import type { TrainingEngine } from "./engine.ts";
import { evaluateModel } from "./evaluate_model.ts";
import { initialiseHead } from "./initialise.ts";
import { fitsMemory } from "./memory.ts";
import { ModelWriter } from "./model_writer.ts";
import { OnnxEngine } from "./onnx_engine.ts";
import { RunFolder } from "./run_folder.ts";
import { settingsOf } from "./settings.ts";
import { type Part, readParameter, trainableNames } from "./trainable.ts";
import { train } from "./trainer.ts";
import type { TrainerOptions } from "./trainer_parts.ts";
import { type LeftOut, TrainingSet } from "./training_set.ts";

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
  /** Choices that override those of the model. */
  readonly config: Partial<MfpClipConfig>;
  /** Whether the head starts afresh. */
  readonly initHead: boolean;
  /** The parts that are trained. */
  readonly parts: ReadonlySet<Part>;
  /** Names and sentences of categories; others are named as they are. */
  readonly prompts?: Prompts;
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

function assertDisjoint(
  { dataSet, evalSet }: TrainModelParts,
  allowOverlap: boolean,
): void {
  if (evalSet === null || allowOverlap) return;
  const shared = dataSet.categories.filter((category) =>
    evalSet.categories.includes(category)
  );
  if (shared.length === 0) return;
  throw new DataSetError(
    `Cannot evaluate on ${evalSet.name} as its categories must not be ` +
      `trained on: ${shared.join(", ")} would be`,
  );
}

async function assertFolder(folder: RunFolder, resume: boolean): Promise<void> {
  if (resume && await folder.hasCheckpoint()) return;
  await folder.assertFree();
}

async function openModel(
  directory: string,
  { config, initHead, parts }: TrainModelOptions,
): Promise<ModelDirectory> {
  if (initHead && !parts.has("head")) {
    throw new ModelError(
      `Cannot train ${directory} as a new head must be trained: current ` +
        `value is ${[...parts].join(", ")}`,
    );
  }
  return await openModelDirectory(directory, { head: !initHead, config });
}

function reportLeftOut(
  { name, leftOut: { unlabelled, maskless } }: {
    name: string;
    leftOut: LeftOut;
  },
  warn: (message: string) => void,
): void {
  if (unlabelled > 0) warn(`${unlabelled} images of ${name} have no label`);
  if (maskless > 0) {
    warn(
      `${maskless} defective images of ${name} have no mask and are left out`,
    );
  }
}

/** The prompts of each category. */
function promptsOf(
  { tokenizer, sizes }: ModelDirectory,
  categories: readonly string[],
  { prompts, onWarning }: TrainModelOptions,
): Map<string, PromptIds> {
  const options = {
    contextLength: sizes.clip.text.maxPositionEmbeddings,
    prompts: prompts ?? new Map(),
  };
  return new Map(categories.map((category) => {
    const ids = promptIds(tokenizer, category, options);
    ids.warnings.forEach((warning) => onWarning(warning));
    return [category, ids];
  }));
}

async function openEngine(
  model: ModelDirectory,
  { folder, textLength }: { folder: RunFolder; textLength: number },
  options: TrainModelOptions,
): Promise<TrainingEngine> {
  const { memory, batchSize, availableBytes, resume } = options;
  const earlier = resume && await folder.hasCheckpoint()
    ? await folder.recomputed()
    : undefined;
  const recompute = (tapeBytes: number) => {
    if (memory !== "auto") return memory === "recompute";
    return earlier ?? !fitsMemory(tapeBytes * batchSize, availableBytes);
  };
  return await OnnxEngine.open(model, {
    trainable: trainableNames(model.sizes, options.parts),
    textLength,
    recompute,
    provider: options.provider,
    threads: options.threads,
  });
}

async function startingPoint(
  { sizes, weights }: ModelDirectory,
  { shapes }: TrainingEngine,
  { initHead, seed }: TrainModelOptions,
): Promise<Map<string, Float32Array>> {
  const head = initHead
    ? initialiseHead(headShapes(sizes.config, headSizes(sizes)), seed)
    : new Map<string, Float32Array>();
  const parameters = new Map<string, Float32Array>();
  for (const name of shapes.keys()) {
    const values = head.get(name) ?? await readParameter(weights.get(name)!);
    parameters.set(name, values);
  }
  return parameters;
}

/**
 * Trains a model and leaves a model directory in `out`, which names the one
 * it came from as the place of all that was not trained.
 *
 * @param parts What is trained on what.
 * @param options How it is trained.
 * @returns Where the run stands at its end.
 * @throws {ModelError} If the model, the provider or the folder cannot be
 * used, or a loss or gradient is not finite.
 * @throws {DataSetError} If the images cannot be trained on.
 * @throws {Deno.errors.WriteZero} If the disk is full.
 */
export async function trainModel(
  parts: TrainModelParts,
  options: TrainModelOptions,
): Promise<Standing> {
  const { directory, dataSet, evalSet, out } = parts;
  const { resume, initHead, signal, onRead } = options;
  const folder = new RunFolder(out);
  assertDisjoint(parts, options.allowOverlap);
  await assertFolder(folder, resume);
  const model = await openModel(directory, options);
  const { config } = model.sizes;
  const set = await TrainingSet.read(dataSet, {
    side: config.imageSize,
    signal,
    ...onRead && { onImage: onRead },
  });
  reportLeftOut(set, options.onWarning);
  const prompts = promptsOf(model, set.categories, options);
  const ends = [...prompts.values()].flatMap(({ endOfText }) => endOfText);
  const textLength = Math.max(...ends) + 1;
  const engine = await openEngine(model, { folder, textLength }, options);
  try {
    const idsOf = (category: string) => prompts.get(category)!.ids;
    const source = {
      ...options,
      engine: "onnx",
      config,
      set,
      textLength,
      idsOf,
    };
    const parameters = await startingPoint(model, engine, options);
    const trained = initHead ? 0 : config.longestEndOfText ?? 0;
    const writer = new ModelWriter(out, {
      model,
      parts: options.parts,
      longestEndOfText: Math.max(textLength - 1, trained),
    });
    return await train({
      engine,
      set,
      folder,
      parameters,
      writeModel: (parameters) => writer.write(parameters),
      evaluate: evalSet &&
        (() => evaluateModel(out, evalSet, evalOptions(options))),
    }, {
      ...options,
      idsOf,
      settings: settingsOf(source),
      facts: {
        model: parts.model,
        data: set.name,
        images: set.size,
        evaluated: evalSet?.name ?? null,
      },
    });
  } finally {
    await engine.close();
  }
}

function evalOptions(
  { provider, threads, prompts, batchSize, signal, onWarning, onEvalImage }:
    TrainModelOptions,
): Parameters<typeof evaluateModel>[2] {
  return {
    provider,
    threads,
    batchSize,
    signal,
    onWarning,
    ...prompts && { prompts },
    ...onEvalImage && { onImage: onEvalImage },
  };
}
