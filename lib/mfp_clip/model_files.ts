/**
 * Where the files of a model directory lie: in it, or in the model directory
 * that it names as its backbone.
 *
 * @module
 */
import { resolve } from "node:path";
import { cannotLoad } from "../checkpoint/cannot_load.ts";
import { readJsonObject } from "../checkpoint/json_file.ts";

/** Paths of a model's parts. */
export interface ModelFiles {
  /** The folder of CLIP's config.json, model.safetensors and tokenizer. */
  readonly clip: string;
  /** resnet50.safetensors. */
  readonly resnet: string;
  /** mfp_clip.json; undefined where it is missing and not needed. */
  readonly config: string | undefined;
}

const CLIP = ["clip/config.json", "clip/model.safetensors"];
const RESNET = ["resnet50.safetensors"];
const HEAD = ["mfp_clip.json", "mfp_clip.safetensors"];

/** More backbones of backbones than anyone has, so that a circle ends. */
const LONGEST_CHAIN = 16;

async function isThere(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    if (error instanceof Deno.errors.NotADirectory) return false;
    throw error;
  }
}

async function missingOf(
  folder: string,
  files: readonly string[],
): Promise<string[]> {
  const there = await Promise.all(
    files.map((file) => isThere(`${folder}/${file}`)),
  );
  return files.filter((_, i) => !there[i]);
}

/** The directory that mfp_clip.json names as `backbone`, if it does. */
async function backboneOf(folder: string): Promise<string | undefined> {
  const path = `${folder}/mfp_clip.json`;
  if (!await isThere(path)) return undefined;
  const { backbone } = await readJsonObject(path);
  if (backbone === undefined) return undefined;
  if (typeof backbone === "string" && backbone !== "") {
    return resolve(await Deno.realPath(folder), backbone);
  }
  cannotLoad(
    path,
    `backbone must be the path of a model directory: current value is ` +
      JSON.stringify(backbone),
  );
}

/** The nearest of a directory and its backbones that has all these files. */
async function nearestWith(
  chain: readonly string[],
  files: readonly string[],
): Promise<string | undefined> {
  for (const folder of chain) {
    if ((await missingOf(folder, files)).length === 0) return folder;
  }
  return undefined;
}

async function chainOf(path: string): Promise<string[]> {
  const chain = [path];
  while (chain.length < LONGEST_CHAIN) {
    const next = await backboneOf(chain.at(-1)!);
    if (next === undefined) break;
    chain.push(next);
  }
  return chain;
}

function complain(what: string, missing: readonly string[]): void {
  if (missing.length === 0) return;
  const verb = missing.length === 1 ? "is" : "are";
  cannotLoad(what, `${missing.join(", ")} ${verb} missing`);
}

/**
 * Finds the files of a model directory.
 *
 * @param path The directory.
 * @param options Whether it must have a head.
 * @returns Where they lie.
 * @throws {ModelError} If one is missing; the message names all that are.
 */
export async function locateModelFiles(
  path: string,
  { head }: { readonly head: boolean },
): Promise<ModelFiles> {
  const chain = await chainOf(path);
  const clip = await nearestWith(chain, CLIP);
  const resnet = await nearestWith(chain, RESNET);
  const ownMissing = head ? await missingOf(path, HEAD) : [];
  const last = chain.at(-1)!;
  const missing = [
    ...clip === undefined ? await missingOf(last, CLIP) : [],
    ...resnet === undefined ? await missingOf(last, RESNET) : [],
  ];
  if (last === path) complain(path, [...missing, ...ownMissing]);
  complain(path, ownMissing);
  complain(`${last}, the backbone of ${path},`, missing);
  const config = `${path}/mfp_clip.json`;
  return {
    clip: `${clip}/clip`,
    resnet: `${resnet}/resnet50.safetensors`,
    config: await isThere(config) ? config : undefined,
  };
}
