/**
 * Where the files of a model directory lie: in it, or in the model directory
 * that it names as its backbone.
 *
 * @module
 */
import { dirname, resolve } from "node:path";
import { begin } from "../async/begin.ts";
import { cannotLoad } from "../checkpoint/cannot_load.ts";
import { isThere } from "../files/is_there.ts";
import { readJsonObject } from "../checkpoint/json_file.ts";
import type { Method } from "./method.ts";
import { type MethodName, METHODS } from "./methods.ts";

/** Paths of a model's parts. */
export interface ModelFiles {
  /** The method whose files are there. */
  readonly method: Method;
  /** The folder of CLIP's config.json, checkpoint and tokenizer. */
  readonly clip: string;
  /** CLIP's checkpoint. */
  readonly clipCheckpoint: string;
  /** The ResNet's checkpoint; null for a method without one. */
  readonly resnet: string | null;
  /** The checkpoint of the head; undefined where it is missing or not needed. */
  readonly head: string | undefined;
  /** The method's choices; undefined where they are missing and not needed. */
  readonly config: string | undefined;
}

const CLIP = ["clip/config.json", "clip/model.safetensors"];
const RESNET = ["resnet50.safetensors"];

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

/** Limit on backbones of backbones, so that a circle ends. */
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

/** The methods whose files of choices lie in a folder. */
async function methodsIn(folder: string): Promise<Method[]> {
  const missing = await missingOf(
    folder,
    METHODS.map(({ configFile }) => configFile),
  );
  return METHODS.filter(({ configFile }) => !missing.includes(configFile));
}

/** Whether one of the methods has its trained tensors in a folder. */
async function holdsHead(
  folder: string,
  methods: readonly Method[],
): Promise<boolean> {
  const heads = methods.map((method) => headCheckpoint(folder, method));
  return (await Promise.all(heads)).some((head) => head !== undefined);
}

/**
 * The one method of a folder, the named one, or the first of all. Choices
 * without trained tensors, such as those of a downloaded CLIP, bind no one.
 */
async function methodOf(
  folder: string,
  name: MethodName | undefined,
): Promise<Method> {
  const found = await methodsIn(folder);
  const wanted = METHODS.find((method) => method.name === name);
  const [only, ...others] = found;
  if (only === undefined) return wanted ?? METHODS[0];
  if (wanted !== undefined && found.includes(wanted)) return wanted;
  if (wanted !== undefined && !await holdsHead(folder, found)) return wanted;
  if (wanted === undefined && others.length === 0) return only;
  const files = found.map(({ configFile }) => configFile).join(" and ");
  cannotLoad(
    folder,
    wanted === undefined
      ? `it must hold the file of one method: there are ${files}`
      : `it must be a model of ${wanted.title}: it holds ${files}`,
  );
}

/** The directory that a method's choices name as `backbone`, if they do. */
async function backboneOf(folder: string): Promise<string | undefined> {
  const [method] = await methodsIn(folder);
  if (method === undefined) return undefined;
  const path = `${folder}/${method.configFile}`;
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

/** The first result among a directory and its backbones. */
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

/** Downloaded models have no head, so the message names the way to one. */
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

/** The checkpoint of a head: the project's own, or the published one. */
async function headCheckpoint(
  folder: string,
  { headFile, publishedHead }: Method,
): Promise<string | undefined> {
  const names = [headFile, publishedHead?.file ?? null];
  return await firstOf(folder, names.filter((name) => name !== null));
}

/** What a head lacks. A method without trained tensors needs none. */
function missingOfHead(
  { configFile, headFile }: Method,
  { head, config }: Pick<ModelFiles, "head" | "config">,
): string[] {
  if (headFile === null) return [];
  return [
    ...config === undefined ? [configFile] : [],
    ...head === undefined ? [headFile] : [],
  ];
}

/** The file of a method's choices, if it is there. */
async function configOf(
  folder: string,
  { configFile }: Method,
): Promise<string | undefined> {
  const path = `${folder}/${configFile}`;
  return await isThere(path) ? path : undefined;
}

/** Options of {@linkcode locateModelFiles}. */
export interface LocateOptions {
  /** Whether there must be a head. */
  readonly head: boolean;
  /**
   * The method, where the directory holds the file of none.
   *
   * @default {"mfp-clip"}
   */
  readonly method?: MethodName | undefined;
}

/**
 * Finds the files of a model directory.
 *
 * @throws {ModelError} If one is missing; the message names all that are.
 */
export async function locateModelFiles(
  path: string,
  { head, method: name }: LocateOptions,
): Promise<ModelFiles> {
  const following = begin(chainOf(path));
  const method = await methodOf(path, name);
  const configFile = begin(configOf(path, method));
  const headFile = head ? begin(headCheckpoint(path, method)) : undefined;
  const chain = await following;
  const resnetFile = method.usesResnet
    ? begin(nearest(chain, resnetCheckpoint))
    : null;
  const clip = await nearest(chain, clipCheckpoint);
  const resnet = await resnetFile;
  const own = { head: await headFile, config: await configFile };
  const ownMissing = head ? missingOfHead(method, own) : [];
  const last = chain.at(-1)!;
  const missing = [
    ...clip === undefined ? await missingOf(last, CLIP) : [],
    ...resnet === undefined ? await missingOf(last, RESNET) : [],
  ];
  if (last === path && missing.length > 0) {
    complain(path, [...missing, ...ownMissing]);
  }
  const isUntrained = ownMissing.some((file) => file === method.headFile);
  complain(path, ownMissing, isUntrained ? ADVICE : "");
  complain(`${last}, the backbone of ${path},`, missing);
  return {
    method,
    clip: dirname(clip!),
    clipCheckpoint: clip!,
    resnet: resnet ?? null,
    ...own,
  };
}
