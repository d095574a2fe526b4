/**
 * Recipes: how to train a model from random weights, in stages.
 *
 * @module
 */
import { cannotLoad } from "../checkpoint/cannot_load.ts";
import { Fields } from "../checkpoint/fields.ts";
import {
  isJsonObject,
  type JsonObject,
  readJsonObject,
} from "../checkpoint/json_file.ts";
import type { ResnetConfig } from "../resnet/config.ts";

/** Which images a recipe draws. */
export interface StreamData {
  /** Seed of the images. */
  readonly seed: number;
  /** Images drawn before earlier ones are dropped. */
  readonly chunk: number;
  /** How often each image is seen, every time turned and coloured anew. */
  readonly views: number;
  /** Share of images of the category `assembly`. */
  readonly composites: number;
}

/** What a stage trains. */
export type StageKind = "text" | "dense" | "head";

const KINDS: readonly StageKind[] = ["text", "dense", "head"];

/** One stage of a recipe. */
export interface PretrainingStage {
  /** Its name, and the name of its folder. */
  readonly name: string;
  /**
   * `text` trains the text tower to tell both sentences of a product apart.
   * `dense` trains the vision tower to tell defective patches from normal ones.
   * `head` trains the head with the losses of the paper.
   */
  readonly kind: StageKind;
  /** Steps of the optimiser. */
  readonly steps: number;
  /** Images of a step. */
  readonly batchSize: number;
  /** Highest learning rate. */
  readonly learningRate: number;
  /** Steps over which the rate rises. */
  readonly warmup: number;
  /** Last steps, over which the rate falls to 0 along half a cosine wave. */
  readonly decay: number;
  /** Decoupled weight decay of matrices and kernels. */
  readonly weightDecay: number;
  /** Largest global norm of the gradients. */
  readonly clipNorm: number;
  /** Share of defective images. */
  readonly defective: number;
  /** Whether a head stage has the second pass, with mask prompting. */
  readonly maskPrompting: boolean;
  /** Whether a dense stage averages patches as MPFA does. */
  readonly aggregate: boolean;
  /** Weight of the loss of whole images in a dense stage; 0 for none. */
  readonly imageWeight: number;
}

/** A recipe. */
export interface Recipe {
  /** Seed of the first weights. */
  readonly seed: number;
  /** Sizes of the CNN. */
  readonly resnet: ResnetConfig;
  /** Number of images to fit the batch norms of the CNN to. */
  readonly calibrationImages: number;
  /** Which images it draws. */
  readonly data: StreamData;
  /** Names of products for the sentences, besides the categories. */
  readonly names: readonly string[];
  /** The stages, in order. */
  readonly stages: readonly PretrainingStage[];
}

function parseStage(fields: Fields, json: JsonObject): PretrainingStage {
  const { name } = json;
  const isName = typeof name === "string" && /^[a-z][a-z0-9_]*$/.test(name);
  if (!isName) fields.addProblem("name", "a lower-case word", name);
  const steps = fields.integer("steps", { fallback: 1 });
  return {
    name: isName ? name : "",
    kind: fields.word("kind", { fallback: "head", words: KINDS }),
    steps,
    batchSize: fields.integer("batch_size", { fallback: 8 }),
    learningRate: fields.number("learning_rate", 1e-3),
    warmup: fields.integer("warmup", { fallback: 0, min: 0 }),
    decay: fields.integer("decay", { fallback: steps, min: 0 }),
    weightDecay: fields.number("weight_decay", 0),
    clipNorm: fields.number("clip_norm", Infinity),
    defective: fields.number("defective", 0.5),
    maskPrompting: fields.boolean("mask_prompting", true),
    aggregate: fields.boolean("aggregate", false),
    imageWeight: fields.number("image_weight", 0),
  };
}

function parseStages(stages: unknown, problems: string[]): PretrainingStage[] {
  const fields = new Fields({}, { problems });
  if (!Array.isArray(stages) || !stages.every(isJsonObject)) {
    fields.addProblem("stages", "a list of objects", stages);
    return [];
  }
  return stages.map((json, i) =>
    parseStage(new Fields(json, { prefix: `stages.${i}.`, problems }), json)
  );
}

function parseNames(names: unknown, fields: Fields): string[] {
  const isList = Array.isArray(names) && names.length > 0 &&
    names.every((name) => typeof name === "string" && name.trim() !== "");
  if (isList) return names;
  fields.addProblem("names", "a list of words", names);
  return [];
}

function parseResnet(fields: Fields): ResnetConfig {
  const blocks = (stage: number) =>
    fields.integer(`blocks_${stage}`, { fallback: 1 });
  return {
    width: fields.integer("width", { fallback: 8 }),
    blocks: [blocks(1), blocks(2), blocks(3), blocks(4)],
  };
}

/**
 * Reads a parsed recipe.
 *
 * @param path The file, for messages.
 * @throws {ModelError} If any value cannot be used; the message names all.
 */
export function parseRecipe(json: JsonObject, path: string): Recipe {
  const problems: string[] = [];
  const fields = new Fields(json, { problems });
  const data = fields.nested("data");
  const recipe: Recipe = {
    seed: fields.integer("seed", { fallback: 0, min: 0 }),
    resnet: parseResnet(fields.nested("resnet")),
    calibrationImages: fields.integer("calibration_images", { fallback: 256 }),
    data: {
      seed: data.integer("seed", { fallback: 0, min: 0 }),
      chunk: data.integer("chunk", { fallback: 2048 }),
      views: data.integer("views", { fallback: 1 }),
      composites: data.number("composites", 0),
    },
    names: parseNames(json.names, fields),
    stages: parseStages(json.stages, problems),
  };
  const names = recipe.stages.map(({ name }) => name);
  if (new Set(names).size < names.length) {
    fields.addProblem("stages", "of different names", names);
  }
  if (problems.length > 0) cannotLoad(path, problems.join(", "));
  return recipe;
}

/**
 * Reads a recipe file.
 *
 * @throws {ModelError} If the file is missing or a value cannot be used.
 */
export async function readRecipe(path: string): Promise<Recipe> {
  return parseRecipe(await readJsonObject(path), path);
}
