/**
 * Pretraining: from a recipe to a trained model.
 *
 * @module
 */
import { HeldFolder } from "../files/held_folder.ts";
import { writeWhole } from "../files/whole_file.ts";
import { ModelError } from "../checkpoint/model_error.ts";
import { clipShapes } from "../clip/weights.ts";
import { MfpClip, mfpClipSizes } from "../methods/mfp_clip/architecture.ts";
import type { ModelSizes } from "../methods/mfp_clip/model.ts";
import {
  type ModelDirectory,
  openModelDirectory,
} from "../methods/model_directory.ts";
import { resnetShapes } from "../resnet/config.ts";
import type { Settings } from "../training/training_checkpoint.ts";
import { initialiseBackbone } from "./initialise_backbone.ts";
import {
  type LossProgram,
  lossProgram,
} from "../training/engine/loss_program.ts";
import type { PretrainingStage, Recipe } from "./recipe.ts";
import { startAttention } from "./start_attention.ts";
import { fitBatchNorms } from "./fit_batch_norms.ts";
import { denseProgram } from "./dense_program.ts";
import { StageEngine } from "./stage_engine.ts";
import {
  imageInputs,
  nameInputs,
  type StagePrompts,
  stagePrompts,
} from "./stage_inputs.ts";
import {
  isWhole,
  readSizes,
  readTensors,
  writeStageModel,
} from "./stage_model.ts";
import { startPatches } from "./start_patches.ts";
import { runStage } from "./run_stage.ts";
import { ImageStream } from "./image_stream.ts";
import { textProgram } from "./text_program.ts";
import { trainableNames } from "../training/trainable.ts";

/** A recipe, and the place of the result. */
export interface PretrainingJob {
  /** The recipe. */
  readonly recipe: Recipe;
  /** Its folder, which also holds the sizes and the vocabulary. */
  readonly source: string;
  /** The folder for the stages and, in `model`, the result. */
  readonly out: string;
}

/** Options of {@linkcode pretrain}. */
export interface PretrainOptions {
  /** Whether to resume an interrupted run. */
  readonly resume: boolean;
  /** Threads within one operator; 0 for one per core. */
  readonly threads: number;
  /** Saves the run and ends it with the signal's reason. */
  readonly signal: AbortSignal;
  /** Called at the start of each stage. */
  readonly onStage: (stage: PretrainingStage) => void;
  /** Called after each step. */
  readonly onStep: (step: number, loss: number) => void;
}

/** Weights before the first stage; batch norms are fitted to images. */
async function firstTensors(
  { seed, resnet, data, calibrationImages }: Recipe,
  sizes: ModelSizes,
): Promise<Map<string, Float32Array>> {
  const backbone = initialiseBackbone(
    new Map([...clipShapes(sizes.clip), ...resnetShapes(resnet)]),
    seed,
  );
  const side = sizes.config.imageSize;
  using stream = new ImageStream({ ...data, defective: 0.5, side });
  const images = await stream.batch(0, calibrationImages);
  const rgb = new Uint8Array(calibrationImages * side * side * 3);
  images.forEach(({ pixels }, i) => rgb.set(pixels, i * pixels.length));
  startPatches(backbone, sizes.clip.vision, { rgb, side });
  startAttention(backbone, sizes.clip.vision, seed);
  await fitBatchNorms(backbone, { resnet, rgb, side });
  const head = new MfpClip(sizes).training.initialise(seed);
  return new Map([...backbone, ...head]);
}

function programOf(
  stage: PretrainingStage,
  { sizes, textLength }: { sizes: ModelSizes; textLength: number },
): LossProgram {
  switch (stage.kind) {
    case "text":
      return textProgram(sizes.clip, textLength);
    case "dense":
      return denseProgram(sizes, { ...stage, textLength });
    case "head": {
      const config = { ...sizes.config, mp: stage.maskPrompting };
      const model = new MfpClip({ ...sizes, config });
      const trainable = trainableNames(new MfpClip(sizes), ["head"]);
      return lossProgram(model, { textLength, trainable });
    }
  }
}

/**
 * What decides on the results of a stage until its rate falls: a stage may be
 * resumed with other values of `steps` and `decay`.
 */
function settingsOf(
  { stages, ...common }: Recipe,
  { steps: _steps, decay: _decay, ...stage }: PretrainingStage,
): Settings {
  const earlier = stages.slice(
    0,
    stages.findIndex(({ name }) => name === stage.name),
  );
  return { recipe: JSON.stringify({ ...common, earlier, stage }) };
}

interface StageStart {
  readonly job: PretrainingJob;
  readonly model: ModelDirectory;
  readonly prompts: StagePrompts;
  readonly options: PretrainOptions;
}

/** Trains one stage and writes its model to the folder of the stage. */
async function trainStage(
  stage: PretrainingStage,
  { job, model, prompts, options }: StageStart,
): Promise<void> {
  const { recipe, source, out } = job;
  const sizes = mfpClipSizes(model);
  const { textLength } = prompts;
  const folder = `${out}/${stage.name}`;
  await Deno.mkdir(folder, { recursive: true });
  const tensors = await readTensors(model);
  await using engine = await StageEngine.open(
    programOf(stage, { sizes, textLength }),
    model,
    { batchSize: stage.batchSize, threads: options.threads },
  );
  const parameters = new Map(
    [...engine.shapes.keys()].map((name) => [name, tensors.get(name)!]),
  );
  const inputOptions = { recipe, stage, prompts, sizes };
  using feeds = stage.kind === "text"
    ? nameInputs(inputOptions)
    : imageInputs(inputOptions);
  await runStage(
    { engine, inputs: feeds.inputs, parameters, folder },
    { ...options, stage, settings: settingsOf(recipe, stage) },
  );
  await writeStageModel(folder, { sizes, tensors, source, dtype: "F32" });
}

/** The logs of all stages, one after another. */
async function joinLogs({ recipe, out }: PretrainingJob): Promise<string> {
  const logs = recipe.stages.map(({ name }) =>
    Deno.readTextFile(`${out}/${name}/log.jsonl`)
  );
  return (await Promise.all(logs)).join("");
}

/**
 * Trains a model from random weights. Each stage writes a model directory; the
 * last one is written again as `model`, in half precision, with the log of all
 * stages.
 *
 * @returns The folder of the trained model.
 * @throws {FolderInUseError} If another run writes to the folder.
 * @throws {ModelError} If the folder holds a run of another recipe, or a run
 * and `resume` is off, or a loss is not finite.
 */
export async function pretrain(
  job: PretrainingJob,
  options: PretrainOptions,
): Promise<string> {
  const { recipe, source, out } = job;
  await using _held = await HeldFolder.hold(out);
  let last = `${out}/start`;
  const isThere = await isWhole(last);
  if (isThere && !options.resume) {
    throw new ModelError(
      `Cannot train into ${out} as it must not hold a run: it has start`,
    );
  }
  const sizes = await readSizes(source, recipe.resnet);
  if (!isThere) {
    const tensors = await firstTensors(recipe, sizes);
    await writeStageModel(last, { sizes, tensors, source, dtype: "F32" });
  }
  for (const stage of recipe.stages) {
    const folder = `${out}/${stage.name}`;
    if (!await isWhole(folder)) {
      options.onStage(stage);
      const model = await openModelDirectory(last);
      const prompts = stagePrompts(model, recipe.names);
      await trainStage(stage, { job, model, prompts, options });
    }
    last = folder;
  }
  const tensors = await readTensors(await openModelDirectory(last));
  const result = `${out}/model`;
  await writeStageModel(result, { sizes, tensors, source, dtype: "F16" });
  await writeWhole(`${result}/training_log.jsonl`, await joinLogs(job));
  return result;
}
