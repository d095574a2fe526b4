/**
 * From a model directory and a data set to a trained model directory.
 *
 * @module
 */
import { TextFeatures } from "../detector/text_features.ts";
import type { ModelDirectory } from "../methods/model_directory.ts";
import { HeldFolder } from "../files/held_folder.ts";
import type { TrainingState } from "./training_checkpoint.ts";
import type { TrainingEngine } from "./engine/training_engine.ts";
import { frozenImages, keptFeatures } from "./frozen_images.ts";
import { evaluateModel, type EvaluateModelOptions } from "./evaluate_model.ts";
import { fitsMemory } from "./engine/memory.ts";
import { KeptModels } from "./kept_models.ts";
import { ModelWriter } from "./model_writer.ts";
import { OnnxEngine } from "./engine/onnx_engine.ts";
import { openTfjsEngine } from "./engine/open_tfjs_engine.ts";
import type { NamedArrays } from "./optimiser.ts";
import { type PreparedTraining, prepareTraining } from "./prepare_training.ts";
import { settingsOf } from "./settings.ts";
import type {
  CompleteTrainModelOptions,
  TrainingJob,
  TrainModelOptions,
} from "./train_model_options.ts";
import { partShapes, readParameter, trainableNames } from "./trainable.ts";
import { train } from "./trainer.ts";

/** Bytes of tensors of these shapes in float32. */
function bytesOf(shapes: Iterable<readonly number[]>): number {
  let bytes = 0;
  for (const shape of shapes) bytes += shape.reduce((a, b) => a * b, 4);
  return bytes;
}

/** Decides whether to compute the inside of vision blocks again. */
async function chooseRecompute(
  { model: { architecture, weights }, folder }: PreparedTraining,
  options: CompleteTrainModelOptions,
): Promise<(tapeBytes: number) => boolean> {
  const { memory, batchSize, availableBytes, resume, trainedParts } = options;
  if (memory !== "auto") return () => memory === "recompute";
  if (resume && await folder.hasCheckpoint()) {
    const earlier = await folder.recomputed();
    return () => earlier;
  }
  const shapes = [...trainedParts].flatMap((part) => [
    ...partShapes(architecture, part).values(),
  ]);
  return (tapeBytes) =>
    !fitsMemory({
      tape: tapeBytes * batchSize,
      weights: bytesOf([...weights.values()].map(({ shape }) => shape)),
      trained: bytesOf(shapes),
    }, availableBytes);
}

async function openEngine(
  prepared: PreparedTraining,
  options: CompleteTrainModelOptions,
): Promise<TrainingEngine> {
  const { model, set, textLength } = prepared;
  const { engine, backend, batchSize, provider, threads } = options;
  const common = {
    trainable: trainableNames(model.architecture, options.trainedParts),
    textLength,
    fedImages: frozenImages(prepared, options) !== null,
    recompute: await chooseRecompute(prepared, options),
  };
  if (engine === "tfjs") {
    return await openTfjsEngine(model, {
      ...common,
      ...backend && { backend },
    });
  }
  return await OnnxEngine.open(model, {
    ...common,
    provider,
    threads,
    ...set.size % batchSize === 0 && { batchSize },
  });
}

/** A new head if one is wanted, else nothing. */
function newHead(
  { architecture: { training } }: ModelDirectory,
  { initHead, seed }: CompleteTrainModelOptions,
): Map<string, Float32Array> {
  return initHead ? training!.initialise(seed) : new Map();
}

/** The values that the trained tensors start with. */
async function startingPoint(
  { weights }: ModelDirectory,
  { shapes }: TrainingEngine,
  head: NamedArrays,
): Promise<Map<string, Float32Array>> {
  const parameters = new Map<string, Float32Array>();
  for (const name of shapes.keys()) {
    const values = head.get(name) ?? await readParameter(weights.get(name)!);
    parameters.set(name, values);
  }
  return parameters;
}

function evaluationOptions(
  options: CompleteTrainModelOptions,
): EvaluateModelOptions {
  const { provider, threads, onWarning, cacheFolder, prompts } = options;
  const { batchSize, signal, onEvalImage } = options;
  return {
    detector: {
      provider,
      threads,
      onWarning,
      ...cacheFolder !== undefined && { cacheFolder },
      ...prompts && { prompts },
    },
    evaluation: {
      batchSize,
      signal,
      ...onEvalImage && { onImage: onEvalImage },
    },
  };
}

function createWriter(
  { model, textLength }: PreparedTraining,
  { out, head }: { out: string; head: NamedArrays },
  { trainedParts, initHead }: CompleteTrainModelOptions,
): ModelWriter {
  const { longestEndOfText } = model.architecture.training!;
  const before = initHead ? 0 : longestEndOfText ?? 0;
  return new ModelWriter(out, {
    model,
    trainedParts,
    initial: head,
    longestEndOfText: Math.max(textLength - 1, before),
  });
}

/** Text features of each category, for a method whose losses read them. */
async function textsFor(
  { model, prompts, options }: PreparedTraining,
): Promise<((category: string) => Float32Array) | null> {
  if (!model.architecture.training!.readsText) return null;
  const { provider, threads } = options;
  const running = { provider, threads, precision: "f32" } as const;
  await using texts = new TextFeatures(model, running);
  const features = new Map<string, Float32Array>();
  for (const [category, prompt] of prompts) {
    features.set(category, await texts.of(category, prompt));
  }
  return (category) => features.get(category)!;
}

async function trainWith(
  engine: TrainingEngine,
  prepared: PreparedTraining,
  { job, options }: { job: TrainingJob; options: CompleteTrainModelOptions },
): Promise<TrainingState> {
  const { model, set, folder, prompts, textLength } = prepared;
  const { evalSet, out } = job;
  await using images = await keptFeatures(prepared, options);
  const head = newHead(model, options);
  const parameters = await startingPoint(model, engine, head);
  const writer = createWriter(prepared, { out, head }, options);
  const evaluate = evalSet
    ? () => evaluateModel(out, evalSet, evaluationOptions(options))
    : null;
  const writeModel = (parameters: NamedArrays) => writer.write(parameters);
  const idsOf = (category: string) => prompts.get(category)!.ids;
  const textOf = await textsFor(prepared) ?? idsOf;
  const trained = {
    ...options,
    textOf,
    ...images && { imageOf: images.of.bind(images) },
  };
  const kept = new KeptModels(out, writer.files);
  const parts = { engine, set, folder, parameters, writeModel };
  const context = { ...parts, evaluate, kept };
  return await train(context, {
    ...trained,
    settings: settingsOf({
      ...trained,
      idsOf,
      engine: engine.name,
      choices: model.architecture.choices,
      set,
      textLength,
    }),
    facts: {
      method: model.architecture.method.title,
      model: job.modelName ?? `${job.model}`,
      data: set.name,
      images: set.size,
      evaluated: evalSet?.name ?? null,
      smooth: model.architecture.smooth,
    },
  });
}

/**
 * Trains a model. `job.out` becomes a model directory that refers to the first
 * one for the parts that are not trained.
 *
 * @returns The state of the run at its end.
 * @throws {FolderInUseError} If another run writes to `job.out`; nothing in it
 * has changed then.
 * @throws {ModelError} If the model, the provider or the folder cannot be
 * used, or a loss or gradient is not finite.
 * @throws {DataSetError} If the images cannot be trained on.
 * @throws {DiskError} If the disk is full or read-only.
 *
 * @example Usage
 * ```ts
 * import { trainModel } from "@mfp-clip/mfp-clip/training";
 * import { syntheticDataSet } from "@mfp-clip/mfp-clip/synthetic";
 *
 * const dataSet = syntheticDataSet({
 *   seed: 1,
 *   count: 4,
 *   side: 112,
 *   split: "aux",
 *   categories: ["washer"],
 * });
 * const out = await Deno.makeTempDir();
 * const { step } = await trainModel(
 *   { model: "nano", dataSet, out },
 *   { maxSteps: 2 },
 * );
 * console.log(step); // 2
 * ```
 */
export async function trainModel(
  job: TrainingJob,
  options: TrainModelOptions = {},
): Promise<TrainingState> {
  await using _held = await HeldFolder.hold(job.out);
  const prepared = await prepareTraining(job, options);
  const complete = prepared.options;
  const engine = await openEngine(prepared, complete);
  try {
    return await trainWith(engine, prepared, { job, options: complete });
  } finally {
    await engine.close();
  }
}
