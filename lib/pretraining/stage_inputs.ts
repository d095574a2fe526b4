/**
 * The inputs of the training program of each stage.
 *
 * @module
 */
import { Random } from "../random.ts";
import type { ModelSizes } from "../methods/mfp_clip/model.ts";
import type { ModelDirectory } from "../methods/model_directory.ts";
import { promptIds, promptOptions } from "../methods/prompts.ts";
import type { Tensors } from "../onnx/tensor.ts";
import { toBatch } from "../training/images/batches.ts";
import type { PretrainingStage, Recipe } from "./recipe.ts";
import { patchTargets } from "./dense_program.ts";
import { TRAINING_CATEGORIES } from "./stream_images.ts";
import { ImageStream } from "./image_stream.ts";
import type { Example } from "../training/images/training_set.ts";

/** The name of an image when its category is left out. */
const UNKNOWN = "object";
/** Share of images with the name of their category, and with that name. */
const CATEGORY_SHARE = 0.5;
const UNKNOWN_SHARE = 0.25;

/** The prompts of all names of a recipe. */
export interface StagePrompts {
  /** Name -> ids [2, n]. */
  readonly ids: ReadonlyMap<string, BigInt64Array>;
  /** How many token positions enter the text tower. */
  readonly textLength: number;
}

/** Makes the prompts of all names of a recipe. */
export function stagePrompts(
  { tokenizer, architecture }: ModelDirectory,
  names: readonly string[],
): StagePrompts {
  const options = promptOptions(architecture);
  const prompts = [...TRAINING_CATEGORIES, UNKNOWN, ...names].map((name) =>
    [name, promptIds(tokenizer, name, options)] as const
  );
  const ends = prompts.flatMap(([, { endOfText }]) => endOfText);
  return {
    ids: new Map(prompts.map(([name, { ids }]) => [name, ids])),
    textLength: Math.max(...ends) + 1,
  };
}

/** What inputs depend on. */
export interface InputOptions {
  /** The recipe. */
  readonly recipe: Recipe;
  /** The stage. */
  readonly stage: PretrainingStage;
  /** The prompts. */
  readonly prompts: StagePrompts;
  /** The model. */
  readonly sizes: ModelSizes;
}

/** The seed of a stage; each stage has images of its own. */
function seedOf({ recipe, stage }: InputOptions): number {
  return recipe.data.seed + recipe.stages.indexOf(stage);
}

function idsTensor(
  rows: readonly BigInt64Array[],
): Pick<Tensors, string> {
  const n = rows[0]!.length / 2;
  const data = new BigInt64Array(rows.length * 2 * n);
  rows.forEach((row, i) => data.set(row, i * 2 * n));
  return { ids: { type: "int64", shape: [rows.length, 2, n], data } };
}

/** Inputs of the text stage: `batch_size` random names in each step. */
export function nameInputs(options: InputOptions): StageInputs {
  const { stage: { batchSize }, prompts } = options;
  const all = [...prompts.ids.values()];
  return {
    inputs: (step) => {
      const random = new Random(`names/${seedOf(options)}/${step}`);
      const rows = Array.from({ length: batchSize }, () => random.pick(all));
      return Promise.resolve(idsTensor(rows));
    },
    [Symbol.dispose]() {},
  };
}

/** A name for an image: its category, "object" or any other name. */
function nameOf(category: string, names: readonly string[], random: Random) {
  const draw = random.between(0, 1);
  if (draw < CATEGORY_SHARE) return category;
  return draw < CATEGORY_SHARE + UNKNOWN_SHARE ? UNKNOWN : random.pick(names);
}

/** Gives the inputs of each step. */
export interface StageInputs extends Disposable {
  /** The inputs of a step, counted from 0. */
  readonly inputs: (step: number) => Promise<Tensors>;
}

function imageTensors(
  examples: readonly Example[],
  { options, step }: { options: InputOptions; step: number },
): Tensors {
  const { stage, prompts, sizes: { clip, config }, recipe } = options;
  const random = new Random(`image names/${seedOf(options)}/${step}`);
  const names = examples.map(({ category }) =>
    nameOf(category, recipe.names, random)
  );
  const { size, rgb, mask, label } = toBatch(
    examples,
    () => new BigInt64Array(0),
  );
  const { imageSize: side } = config;
  const patch = clip.vision.patchSize;
  const cells = (side / patch) ** 2;
  const images: Tensors = {
    rgb: { type: "uint8", shape: [size, side, side, 3], data: rgb },
    ...idsTensor(names.map((name) => prompts.ids.get(name)!)),
  };
  if (stage.kind === "head") {
    return {
      ...images,
      mask: { type: "float32", shape: [size, side, side], data: mask },
      label: { type: "float32", shape: [size], data: label },
    };
  }
  const targets = patchTargets(mask, { side, patch });
  const weight = (data: Float32Array) =>
    ({ type: "float32", shape: [size, cells], data }) as const;
  return {
    ...images,
    positive: weight(targets.positive),
    negative: weight(targets.negative),
  };
}

/** Inputs of the other stages: drawn images. */
export function imageInputs(options: InputOptions): StageInputs {
  const { stage, recipe, sizes } = options;
  const { batchSize, defective } = stage;
  const stream = new ImageStream({
    ...recipe.data,
    seed: seedOf(options),
    defective,
    side: sizes.config.imageSize,
  });
  return {
    inputs: async (step) => {
      const examples = await stream.batch(step * batchSize, batchSize);
      return imageTensors(examples, { options, step });
    },
    [Symbol.dispose]: () => stream[Symbol.dispose](),
  };
}
