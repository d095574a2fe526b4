/**
 * One run: a model is trained, then evaluated.
 *
 * @module
 */
import { isThere } from "../files/is_there.ts";
import { readJsonObject } from "../checkpoint/json_file.ts";
import { Detector } from "../detector/detector.ts";
import { evaluateToFolder } from "../evaluation/evaluate_to_folder.ts";
import { mfpClipConfigToJson } from "../methods/mfp_clip/config.ts";
import type { Provider } from "../onnx/session.ts";
import type { Summary } from "../results/summary.ts";
import { trainModel } from "../training/train_model.ts";
import type { TrainModelOptions } from "../training/train_model_options.ts";
import type { PlannedRun } from "./plan_tables.ts";
import type { ImageSource } from "./image_source.ts";
import { writeJson } from "../files/whole_file.ts";

/** What all runs have in common. */
export interface RunContext {
  /** The model directory to start from. */
  readonly directory: string;
  /** Its name. */
  readonly model: string;
  /** The images. */
  readonly source: ImageSource;
  /** The folder of all runs. */
  readonly folder: string;
}

/** How runs go. */
export interface PlannedRunOptions extends
  Pick<
    TrainModelOptions,
    "epochs" | "maxSteps" | "threads" | "availableBytes" | "onWarning"
  > {
  /** Where the network runs. */
  readonly provider: Provider;
  /** Where copies of tensors are kept that need one. */
  readonly cacheFolder?: string;
  /** Ends a run early, with the signal's reason. */
  readonly signal: AbortSignal;
  /** Told of each image or step that is done, and how many there are. */
  readonly onAdvance?: (stage: RunStage, total: number) => void;
}

/** What a run is doing. */
export type RunStage = "read" | "train" | "eval";

/** What a run that is done leaves behind, in done.json. */
export interface PlannedRunResult {
  /** Steps of training. */
  readonly steps: number;
  /** The evaluation, without its words and its time. */
  readonly summary: Omit<Summary, "prompts" | "seconds">;
}

/** The paper's own training, which has no other options (section 4.1). */
const PAPERS_TRAINING = {
  initHead: true,
  resume: true,
  parts: new Set(["head"] as const),
  batchSize: 1,
  shuffle: true,
  augmentation: { flip: false, rotate: false, mosaic: 0 },
  schedule: { base: 0.001, kind: "decay", warmup: 0 },
  weightDecay: 0,
  clipNorm: Infinity,
  evalEvery: 1,
  engine: "onnx",
  memory: "auto",
  allowOverlap: false,
} as const;

/**
 * Steps between checkpoints: a full-size one is a quarter of a gigabyte, and a
 * short training has some too.
 */
function checkpointEvery({ maxSteps }: PlannedRunOptions): number {
  return Math.min(100, Math.ceil(maxSteps / 3));
}

/** Where a run lies. */
function placesOf(folder: string, { name }: PlannedRun) {
  const path = `${folder}/${name}`;
  return {
    model: `${path}/model`,
    results: `${path}/results`,
    trained: `${path}/trained.json`,
    done: `${path}/done.json`,
  };
}

async function readMarker<T>(path: string): Promise<T | undefined> {
  return await isThere(path) ? await readJsonObject(path) as T : undefined;
}

/**
 * Reads what an earlier process has found out.
 *
 * @param folder The folder of all runs.
 * @param run The run.
 * @returns Its result; undefined where it is not done.
 */
export async function readResult(
  folder: string,
  run: PlannedRun,
): Promise<PlannedRunResult | undefined> {
  return await readMarker(placesOf(folder, run).done);
}

async function train(
  run: PlannedRun,
  { directory, model, source, folder }: RunContext,
  options: PlannedRunOptions,
): Promise<number> {
  const places = placesOf(folder, run);
  const before = await readMarker<{ steps: number }>(places.trained);
  if (before !== undefined) return before.steps;
  const { onAdvance } = options;
  const dataSet = await source.open(run.train, "train");
  await Deno.mkdir(places.model, { recursive: true });
  let left = 0;
  const { step: steps } = await trainModel(
    { directory, model, dataSet, evalSet: null, out: places.model },
    {
      ...PAPERS_TRAINING,
      ...options,
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
  const places = placesOf(folder, run);
  const dataSet = await source.open(run.train, "test");
  await using detector = await Detector.open(places.model, {
    ...options,
    categories: dataSet.categories,
  });
  const parts = { detector, dataSet, out: places.results };
  const { signal, onAdvance } = options;
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
 * Does a run from where an earlier process has left it. Its folder holds
 * `model/`, `results/` and, written last, `done.json`.
 *
 * @param run The run.
 * @param context What all runs have in common.
 * @param options How it goes.
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
  const { prompts: _, seconds: __, ...summary } = await test(
    run,
    context,
    options,
  );
  const result: PlannedRunResult = { steps, summary };
  await writeJson(placesOf(context.folder, run).done, result);
  return result;
}
