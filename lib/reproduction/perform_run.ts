/**
 * One run: train a model, where that is planned, then evaluate it.
 *
 * @module
 */
import { Detector } from "../detector/detector.ts";
import { evaluateToFolder } from "../evaluation/evaluate_to_folder.ts";
import type { Summary } from "../results/summary.ts";
import { trainModel } from "../training/train_model.ts";
import type {
  TrainModelChoices,
  TrainModelOptions,
} from "../training/train_model_options.ts";
import type { PlannedRun, PlannedTraining } from "./plan_tables.ts";
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
  /** Directories of published models, by their names. */
  readonly published: ReadonlyMap<string, string>;
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

/** The model that a run starts from. */
function startOf(
  { model }: PlannedRun,
  context: RunContext,
): { readonly directory: string; readonly name: string } {
  const { published, directory, model: name } = context;
  return model === null
    ? { directory, name }
    : { directory: published.get(model)!, name: model };
}

/** The epochs of a training; no option for those of the method's authors. */
function epochsOf(
  { epochs }: PlannedTraining,
  common: number,
): { readonly epochs?: number } {
  if (epochs === "published") return {};
  return { epochs: epochs ?? common };
}

/**
 * Trains the model of a run.
 *
 * @returns The number of steps.
 */
async function train(
  run: PlannedRun,
  context: RunContext,
  options: PlannedRunOptions & { readonly planned: PlannedTraining },
): Promise<number> {
  const { source, folder } = context;
  const places = placesOf(folder, run);
  const before = await readTrainedSteps(places);
  if (before !== undefined) return before;
  const { onAdvance, epochs, planned, ...training } = options;
  const { directory, name } = startOf(run, context);
  const dataSet = await source.open(run.train, "train");
  await Deno.mkdir(places.model, { recursive: true });
  let left = 0;
  const { step: steps } = await trainModel(
    { model: directory, modelName: name, dataSet, out: places.model },
    {
      // All other options keep their defaults, which are as published.
      ...training,
      ...epochsOf(planned, epochs),
      method: run.method,
      initHead: true,
      resume: true,
      checkpointEvery: checkpointEvery(options),
      choices: planned.choices,
      augmentation: { flip: false, rotate: false, mosaic: planned.mosaic },
      seed: run.seed ?? 0,
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
  context: RunContext,
  options: PlannedRunOptions,
): Promise<Summary> {
  const { provider, threads, cacheFolder, onWarning } = options;
  const { signal, onAdvance } = options;
  const { source, folder } = context;
  const places = placesOf(folder, run);
  const { directory, name } = startOf(run, context);
  const dataSet = await source.open(run.train, "test");
  const tested = run.training === null ? directory : places.model;
  await using detector = await Detector.open(tested, {
    method: run.method,
    provider,
    threads,
    onWarning,
    categories: dataSet.categories,
    ...cacheFolder !== undefined && { cacheFolder },
  });
  const parts = { detector, dataSet, out: places.results };
  const { summary } = await evaluateToFolder(parts, {
    model: `${name} (${run.name})`,
    scoring: detector.scoring,
    smooth: detector.smooth,
    precision: detector.precision,
    writesMaps: false,
    signal,
    onImage: () => onAdvance?.("eval", dataSet.size),
  });
  return summary;
}

/**
 * Does a run, starting where an earlier process stopped. Its folder holds
 * `model/` where one is trained, `results/` and, written last, `done.json`.
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
  const { training: planned } = run;
  const steps = planned === null
    ? 0
    : await train(run, context, { ...options, planned });
  const evaluated = await test(run, context, options);
  const { prompts: _prompts, seconds: _seconds, ...summary } = evaluated;
  const result = { steps, summary };
  await writeJson(placesOf(context.folder, run).done, result);
  return result;
}
