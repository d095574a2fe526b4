/**
 * From a model directory and a data set to a trained model directory.
 *
 * @module
 */
import type { ModelDirectory } from "../methods/model_directory.ts";
import type { TrainingState } from "./training_checkpoint.ts";
import type { TrainingEngine } from "./engine/training_engine.ts";
import { evaluateModel, type EvaluateModelOptions } from "./evaluate_model.ts";
import { fitsMemory } from "./engine/memory.ts";
import { ModelWriter } from "./model_writer.ts";
import { OnnxEngine } from "./engine/onnx_engine.ts";
import type { NamedArrays } from "./optimiser.ts";
import { type Prepared, prepareTraining } from "./prepare_training.ts";
import { settingsOf } from "./settings.ts";
import type {
  TrainModelOptions,
  TrainModelParts,
} from "./train_model_options.ts";
import { partShapes, readParameter, trainableNames } from "./trainable.ts";
import { train } from "./trainer.ts";

/** What tensors of these shapes take in float32. */
function bytesOf(shapes: Iterable<readonly number[]>): number {
  let bytes = 0;
  for (const shape of shapes) bytes += shape.reduce((a, b) => a * b, 4);
  return bytes;
}

/** Decides whether the inside of vision blocks is computed again. */
async function chooseRecompute(
  { model: { architecture, weights }, folder }: Prepared,
  { memory, batchSize, availableBytes, resume, parts }: TrainModelOptions,
): Promise<(tapeBytes: number) => boolean> {
  if (memory !== "auto") return () => memory === "recompute";
  if (resume && await folder.hasCheckpoint()) {
    const earlier = await folder.recomputed();
    return () => earlier;
  }
  const shapes = [...parts].flatMap((part) => [
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
  prepared: Prepared,
  options: TrainModelOptions,
): Promise<TrainingEngine> {
  const { model, set, textLength } = prepared;
  const { engine, batchSize, parts } = options;
  const common = {
    trainable: trainableNames(model.architecture, parts),
    textLength,
    recompute: await chooseRecompute(prepared, options),
  };
  if (engine === "tfjs") {
    // Large, and not needed otherwise.
    const { TfjsEngine } = await import("./engine/tfjs_engine.ts");
    const { backend } = options;
    return await TfjsEngine.open(model, {
      ...common,
      ...backend && { backend },
    });
  }
  return await OnnxEngine.open(model, {
    ...common,
    provider: options.provider,
    threads: options.threads,
    ...set.size % batchSize === 0 && { batchSize },
  });
}

/** A new head where one is asked for, else nothing. */
function newHead(
  { architecture: { training } }: ModelDirectory,
  { initHead, seed }: TrainModelOptions,
): Map<string, Float32Array> {
  return initHead ? training!.initialise(seed) : new Map();
}

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

function evalOptions(options: TrainModelOptions): EvaluateModelOptions {
  const { provider, threads, prompts, batchSize, signal, onWarning } = options;
  const { onEvalImage: onImage, cacheFolder } = options;
  return {
    ...{ provider, threads, batchSize, signal, onWarning },
    ...cacheFolder !== undefined && { cacheFolder },
    ...prompts && { prompts },
    ...onImage && { onImage },
  };
}

function createWriter(
  { model, textLength }: Prepared,
  { out, head }: { out: string; head: NamedArrays },
  { parts, initHead }: TrainModelOptions,
): ModelWriter {
  const { longestEndOfText } = model.architecture.training!;
  const before = initHead ? 0 : longestEndOfText ?? 0;
  const longest = Math.max(textLength - 1, before);
  const initial = head;
  return new ModelWriter(out, {
    ...{ model, parts, initial, longestEndOfText: longest },
  });
}

async function trainWith(
  engine: TrainingEngine,
  prepared: Prepared,
  { parts, options }: { parts: TrainModelParts; options: TrainModelOptions },
): Promise<TrainingState> {
  const { model, set, folder, prompts, textLength } = prepared;
  const { evalSet, out } = parts;
  const head = newHead(model, options);
  const parameters = await startingPoint(model, engine, head);
  const writer = createWriter(prepared, { out, head }, options);
  const idsOf = (category: string) => prompts.get(category)!.ids;
  const writeModel = (parameters: NamedArrays) => writer.write(parameters);
  const evaluate = evalSet &&
    (() => evaluateModel(out, evalSet, evalOptions(options)));
  const source = {
    ...options,
    engine: engine.name,
    choices: model.architecture.choices,
    set,
    textLength,
    idsOf,
  };
  return await train(
    { engine, set, folder, parameters, writeModel, evaluate },
    {
      ...options,
      idsOf,
      settings: settingsOf(source),
      facts: {
        model: parts.model,
        data: set.name,
        images: set.size,
        evaluated: evalSet?.name ?? null,
      },
    },
  );
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
 * @throws {DiskError} If the disk is full or read-only.
 */
export async function trainModel(
  parts: TrainModelParts,
  options: TrainModelOptions,
): Promise<TrainingState> {
  const prepared = await prepareTraining(parts, options);
  const engine = await openEngine(prepared, options);
  try {
    return await trainWith(engine, prepared, { parts, options });
  } finally {
    await engine.close();
  }
}
