/**
 * The flags that choose a model and how it runs.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { ModelError } from "../../lib/checkpoint/model_error.ts";
import { readPlainFile } from "../../lib/files/plain_file.ts";
import { findModel } from "../../lib/hub/find_model.ts";
import { METHOD_NAMES, type MethodName } from "../../lib/methods/methods.ts";
import {
  type ModelDirectory,
  openModelDirectory,
} from "../../lib/methods/model_directory.ts";
import { type Prompts, readPrompts } from "../../lib/methods/sentences.ts";
import type { FlagValues } from "../cli/flags.ts";
import { cacheOption } from "../hub_places.ts";

/** Flags of every verb that runs a model. */
export const MODEL_FLAGS = {
  model: {
    kind: "text",
    value: "NAME|DIR",
    default: "nano",
    help: "The model: nano, a downloaded model, or a model directory",
  },
  method: {
    kind: "choice",
    choices:
      METHOD_NAMES satisfies readonly MethodName[] as readonly MethodName[],
    help: "The method for a plain CLIP; else the model directory says it",
  },
  provider: {
    kind: "choice",
    choices: ["cpu", "cuda", "webgpu"],
    default: "cpu",
    help: "Where the network runs",
  },
  precision: {
    kind: "choice",
    choices: ["f32", "f16", "int8", "auto"],
    default: "f32",
    help:
      "Precision of the network; maps and scores are float32 in each; auto takes what suits the machine",
  },
  threads: {
    kind: "integer",
    min: 0,
    max: 1024,
    default: 0,
    help: "Threads in all, 0 for as many as there are cores",
  },
  sessions: {
    kind: "integer",
    min: 0,
    max: 1024,
    default: 0,
    help:
      "Batches looked at side by side, sharing the threads; 0 for as many as suit the model",
  },
  prompts: {
    kind: "text",
    value: "FILE",
    help: "JSON: category -> its name, or sentences for normal and abnormal",
  },
  smooth: {
    kind: "number",
    min: 0,
    max: 100,
    help:
      "Sigma, in map pixels, of the Gaussian that smooths maps, 0 for none; as the method was published if not given, which is 0 for MFP-CLIP. Scores are taken before it",
  },
} as const;

/** What {@linkcode MODEL_FLAGS} read as. */
export type ModelFlags = FlagValues<typeof MODEL_FLAGS>;

/**
 * Finds the directory of a model, with downloads in this user's cache.
 *
 * @param model A model that comes with the program, a downloaded one, or any
 * model directory.
 * @returns Its path.
 * @throws {ModelError} If there is no such folder.
 */
export async function modelDirectory(model: string): Promise<string> {
  return await findModel(model, cacheOption());
}

/**
 * Where the tensors of the chosen model lie.
 *
 * @throws {ModelError} If it cannot be read.
 */
export async function modelWeights(
  { model, method }: Pick<ModelFlags, "model" | "method">,
): Promise<ModelDirectory["weights"]> {
  const directory = await modelDirectory(model);
  const options = { method, ...cacheOption() };
  return (await openModelDirectory(directory, options)).weights;
}

/** Flags that say what products are called. */
export type WordFlags = Pick<ModelFlags, "prompts"> & {
  /** What all products are called, where no prompt says more. */
  readonly object?: string | undefined;
  /** Whether products may be asked for that are not known yet. */
  readonly isOpen?: boolean;
};

/** Prompts for other products would count for nothing. */
function assertNamed(
  path: string,
  prompts: Prompts,
  categories: readonly string[],
): void {
  const isNamed = categories.some((category) => prompts.has(category));
  if (isNamed || categories.length === 0 || prompts.size === 0) return;
  const short = (names: Iterable<string>) => [...names].slice(0, 5).join(", ");
  throw new ModelError(
    `Cannot use the prompts of ${path} as they must name a category of the images, which are ${
      short(categories)
    }: current value is ${short(prompts.keys())}`,
  );
}

/** `line 2/nut` is a category of nuts. */
function lastOf(category: string): string {
  return category.slice(category.lastIndexOf("/") + 1) || category;
}

/**
 * Reads the prompts that the flags name.
 *
 * @param categories Categories that will be asked for.
 * @returns The prompts as an option, or no option where no flag has a say.
 * @throws {ModelError} If the file cannot be used, or names no category.
 */
export async function promptsOf(
  { prompts: path, object, isOpen = false }: WordFlags,
  categories: readonly string[],
): Promise<{ readonly prompts?: Prompts }> {
  const prompts = path === undefined ? null : await readPrompts(path);
  if (prompts !== null && !isOpen) assertNamed(path!, prompts, categories);
  const words = categories.map((name) =>
    [name, object ?? lastOf(name)] as const
  )
    .filter(([name, word]) => name !== word);
  if (prompts === null && words.length === 0) return {};
  return { prompts: new Map([...words, ...prompts ?? []]) };
}

/**
 * Hashes what decides on the words of prompts.
 *
 * @returns SHA-256 in hexadecimal; null where no flag has a say.
 * @throws {ModelError} If the file cannot be used.
 */
export async function promptsHash(
  { prompts, object }: WordFlags,
): Promise<string | null> {
  if (prompts === undefined && object === undefined) return null;
  const hash = createHash("sha256");
  if (prompts !== undefined) {
    await readPrompts(prompts);
    hash.update(await readPlainFile(prompts));
  }
  if (object !== undefined) hash.update(`\0${object}`);
  return hash.digest("hex");
}
