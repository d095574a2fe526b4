/**
 * Where the files of a model directory lie: in it, or in the model directory
 * that it names as its backbone.
 *
 * @module
 */
import { dirname, resolve } from "node:path";
import { cannotLoad } from "../checkpoint/cannot_load.ts";
import { isThere } from "../files/is_there.ts";
import { readJsonObject } from "../checkpoint/json_file.ts";

/** Paths of a model's parts. */
export interface ModelFiles {
  /** The folder of CLIP's config.json, checkpoint and tokenizer. */
  readonly clip: string;
  /** CLIP's checkpoint. */
  readonly clipCheckpoint: string;
  /** The ResNet's checkpoint. */
  readonly resnet: string;
  /** mfp_clip.json; undefined where it is missing and not needed. */
  readonly config: string | undefined;
}

const CLIP = ["clip/config.json", "clip/model.safetensors"];
const RESNET = ["resnet50.safetensors"];
const WEIGHTS = "mfp_clip.safetensors";
const HEAD = ["mfp_clip.json", WEIGHTS];

/** Names of CLIP's checkpoint, in the order of preference. */
const CLIP_CHECKPOINTS = [
  "clip/model.safetensors",
  "clip/model.safetensors.index.json",
  "clip/open_clip_model.safetensors",
  "clip/pytorch_model.bin",
  "clip/pytorch_model.bin.index.json",
  "clip/open_clip_pytorch_model.bin",
];

/** Names of the ResNet's checkpoint, in the order of preference. */
const RESNET_CHECKPOINTS = ["resnet50.safetensors", "resnet50.pth"];

/** More backbones of backbones than anyone has, so that a circle ends. */
const LONGEST_CHAIN = 16;

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

/** The one clip/*.pt of a folder, such as OpenAI's checkpoints are. */
async function openaiCheckpoint(folder: string): Promise<string | undefined> {
  if (!await isThere(`${folder}/clip`)) return undefined;
  const names: string[] = [];
  for await (const { name } of Deno.readDir(`${folder}/clip`)) {
    if (name.endsWith(".pt")) names.push(name);
  }
  if (names.length > 1) {
    cannotLoad(
      `${folder}/clip`,
      `it must hold one checkpoint: there are ${names.toSorted().join(", ")}`,
    );
  }
  return names[0] === undefined ? undefined : `${folder}/clip/${names[0]}`;
}

async function firstOf(
  folder: string,
  names: readonly string[],
): Promise<string | undefined> {
  const missing = await missingOf(folder, names);
  const found = names.find((name) => !missing.includes(name));
  return found === undefined ? undefined : `${folder}/${found}`;
}

async function clipCheckpoint(folder: string): Promise<string | undefined> {
  return await firstOf(folder, CLIP_CHECKPOINTS) ??
    await openaiCheckpoint(folder);
}

async function resnetCheckpoint(folder: string): Promise<string | undefined> {
  return await firstOf(folder, RESNET_CHECKPOINTS);
}

/** What is found in the nearest of a directory and its backbones. */
async function nearest(
  chain: readonly string[],
  find: (folder: string) => Promise<string | undefined>,
): Promise<string | undefined> {
  for (const folder of chain) {
    const found = await find(folder);
    if (found !== undefined) return found;
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

/** Models that are downloaded have no head. */
const ADVICE = ": deno task train --init-head trains one";

function complain(
  what: string,
  missing: readonly string[],
  advice = "",
): void {
  if (missing.length === 0) return;
  const verb = missing.length === 1 ? "is" : "are";
  cannotLoad(what, `${missing.join(", ")} ${verb} missing${advice}`);
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
  const clip = await nearest(chain, clipCheckpoint);
  const resnet = await nearest(chain, resnetCheckpoint);
  const ownMissing = head ? await missingOf(path, HEAD) : [];
  const last = chain.at(-1)!;
  const missing = [
    ...clip === undefined ? await missingOf(last, CLIP) : [],
    ...resnet === undefined ? await missingOf(last, RESNET) : [],
  ];
  if (last === path && missing.length > 0) {
    complain(path, [...missing, ...ownMissing]);
  }
  complain(path, ownMissing, ownMissing.includes(WEIGHTS) ? ADVICE : "");
  complain(`${last}, the backbone of ${path},`, missing);
  const config = `${path}/mfp_clip.json`;
  return {
    clip: dirname(clip!),
    clipCheckpoint: clip!,
    resnet: resnet!,
    config: await isThere(config) ? config : undefined,
  };
}
