/**
 * The flags that choose a model and how it runs.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { findModel } from "../../lib/hub/find_model.ts";
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
  provider: {
    kind: "choice",
    choices: ["cpu", "cuda", "webgpu"],
    default: "cpu",
    help: "Where the network runs",
  },
  precision: {
    kind: "choice",
    choices: ["f32", "f16"],
    default: "f32",
    help: "Precision of the network; maps and scores are float32 in either",
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
    default: 0,
    help:
      "Sigma, in map pixels, of the Gaussian that smooths maps; scores are taken before it",
  },
} as const;

/** What {@linkcode MODEL_FLAGS} read as. */
export type ModelFlags = FlagValues<typeof MODEL_FLAGS>;

/**
 * Finds the directory of a model, with downloads in this user's cache.
 *
 * @param model A model that comes with the program, a downloaded one, or any
 * model directory
 * @returns Its path
 * @throws {ModelError} If there is no such folder
 */
export async function modelDirectory(model: string): Promise<string> {
  return await findModel(model, cacheOption());
}

/**
 * Reads the prompts that the flags name.
 *
 * @param flags The flags
 * @returns The prompts as an option, or no option where no file is named
 * @throws {ModelError} If the file cannot be used
 */
export async function promptsOf(
  flags: Pick<ModelFlags, "prompts">,
): Promise<{ readonly prompts?: Prompts }> {
  return flags.prompts === undefined
    ? {}
    : { prompts: await readPrompts(flags.prompts) };
}

/**
 * Hashes the file of prompts that the flags name.
 *
 * @param flags The flags
 * @returns SHA-256 in hexadecimal; null where no file is named
 * @throws {ModelError} If the file cannot be used
 */
export async function promptsHash(
  flags: Pick<ModelFlags, "prompts">,
): Promise<string | null> {
  if (flags.prompts === undefined) return null;
  await readPrompts(flags.prompts);
  const bytes = await Deno.readFile(flags.prompts);
  return createHash("sha256").update(bytes).digest("hex");
}
