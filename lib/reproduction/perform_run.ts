/**
 * One run: train a model, then evaluate it.
 *
 * @module
 */
import { Detector } from "../detector/detector.ts";
import { evaluateToFolder } from "../evaluation/evaluate_to_folder.ts";
import { mfpClipConfigToJson } from "../methods/mfp_clip/config.ts";
import type { Summary } from "../results/summary.ts";
import { trainModel } from "../training/train_model.ts";
import type {
  TrainModelChoices,
  TrainModelOptions,
} from "../training/train_model_options.ts";
import type { PlannedRun } from "./plan_tables.ts";
import {
  placesOf,
  type PlannedRunResult,
  readTrainedSteps,
} from "./run_result.ts";
import type { ReproductionImages } from "./reproduction_images.ts";
import { writeJson } from "../files/whole_file.ts";

/** What all runs have in common. */
export interface RunContext {
  /** The model directory to start from. */
  readonly directory: string;
  /** Its name. */
  readonly model: string;
  /** The images. */
  readonly source: ReproductionImages;
  /** The folder of all runs. */
  readonly folder: string;
}

/** Options of {@linkcode performRun}. */
export interface PlannedRunOptions extends
  Pick<
    TrainModelChoices,
    | "epochs"
    | "maxSteps"
    | "provider"
    | "threads"
    | "availableBytes"
    | "onWarning"
  >,
  Pick<TrainModelOptions, "cacheFolder"> {
  /** Stops the run with the signal's reason. */
  readonly signal: AbortSignal;
  /** Called after each image or step, with the total of the stage. */
  readonly onAdvance?: (stage: RunStage, total: number) => void;
}

/** What a run is doing. */
export type RunStage = "read" | "train" | "eval";

/**
 * Steps between checkpoints. A checkpoint of a full-size model has a quarter
 * of a gigabyte; a short training still writes three.
 */
function checkpointEvery({ maxSteps }: PlannedRunOptions): number {
  return Math.min(100, Math.ceil(maxSteps / 3));
}

async function train(
  run: PlannedRun,
  { directory, model, source, folder }: RunContext,
  options: PlannedRunOptions,
): Promise<number> {
  const places = placesOf(folder, run);
  const before = await readTrainedSteps(places);
  if (before !== undefined) return before;
  const { onAdvance, ...training } = options;
  const dataSet = await source.open(run.train, "train");
  await Deno.mkdir(places.model, { recursive: true });
  let left = 0;
  const { step: steps } = await trainModel(
    { model: directory, modelName: model, dataSet, out: places.model },
    {
      // All other options keep their defaults, which are the paper's.
      ...training,
      initHead: true,
      resume: true,
      checkpointEvery: checkpointEvery(options),
      choices: mfpClipConfigToJson(run.config),
      seed: run.seed,
      onRead: () => onAdvance?.("read", dataSet.size),
      onStart: (done, total) => left = total - done,
      onStep: () => onAdvance?.("train", left),
    },
  );
  await writeJson(places.trained, { steps });
  return steps;
}

async function test(
  run: PlannedRun,
  { model, source, folder }: RunContext,
  options: PlannedRunOptions,
): Promise<Summary> {
  const { provider, threads, cacheFolder, onWarning } = options;
  const { signal, onAdvance } = options;
  const places = placesOf(folder, run);
  const dataSet = await source.open(run.train, "test");
  await using detector = await Detector.open(places.model, {
    provider,
    threads,
    onWarning,
    categories: dataSet.categories,
    ...cacheFolder !== undefined && { cacheFolder },
  });
  const parts = { detector, dataSet, out: places.results };
  const { summary } = await evaluateToFolder(parts, {
    model: `${model} (${run.name})`,
    smooth: 0,
    writesMaps: false,
    signal,
    onImage: () => onAdvance?.("eval", dataSet.size),
  });
  return summary;
}

/**
 * Does a run, starting where an earlier process stopped. Its folder holds
 * `model/`, `results/` and, written last, `done.json`.
 *
 * @returns What `done.json` holds.
 * @throws {ModelError} If the model cannot be used or trained.
 * @throws {DataSetError} If the images cannot be used.
 */
export async function performRun(
  run: PlannedRun,
  context: RunContext,
  options: PlannedRunOptions,
): Promise<PlannedRunResult> {
  const steps = await train(run, context, options);
  const evaluated = await test(run, context, options);
  const { prompts: _prompts, seconds: _seconds, ...summary } = evaluated;
  const result = { steps, summary };
  await writeJson(placesOf(context.folder, run).done, result);
  return result;
}
