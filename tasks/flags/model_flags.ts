/**
 * The flags that choose a model and how it runs.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { ModelError } from "../../lib/checkpoint/model_error.ts";
import { Detector } from "../../lib/detector/detector.ts";
import { type Prompts, readPrompts } from "../../lib/methods/prompts.ts";
import type { FlagValues } from "../cli/flags.ts";
import { copiesOption, downloadedModel } from "../hub_places.ts";

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
    help:
      "JSON: category -> its name, or one sentence each for normal and abnormal",
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

async function isFolder(path: string | URL): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isDirectory;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/**
 * Finds the directory of a model.
 *
 * @param model A folder of models/, a downloaded model, or any model directory
 * @returns Its path
 * @throws {ModelError} If there is no such folder
 */
export async function modelDirectory(model: string): Promise<string> {
  if (/^[\w.-]+$/.test(model)) {
    const named = new URL(`../../models/${model}/`, import.meta.url);
    if (await isFolder(named)) {
      return fileURLToPath(named).replace(/[\\/]$/, "");
    }
    const downloaded = await downloadedModel(model);
    if (downloaded !== undefined) return downloaded;
  }
  if (await isFolder(model)) return model;
  throw new ModelError(
    `Cannot find the model ${model} as it must be nano, one that deno task download has downloaded, or a model directory`,
  );
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

/**
 * Opens the model that the flags choose. Warnings go to stderr.
 *
 * @param flags The flags
 * @param categories Categories that will be asked for
 * @returns The detector
 * @throws {ModelError} If the model or the prompts cannot be used
 */
export async function openDetector(
  flags: ModelFlags,
  categories: readonly string[],
): Promise<Detector> {
  const { provider, precision, threads, sessions, smooth } = flags;
  return await Detector.open(await modelDirectory(flags.model), {
    provider,
    precision,
    threads,
    sessions,
    smooth,
    categories,
    ...await promptsOf(flags),
    ...copiesOption(),
    onWarning: (message) => console.error(`Warning: ${message}`),
  });
}
