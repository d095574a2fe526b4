/**
 * Downloads a model of the registry into a model directory.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { cannotLoad } from "../checkpoint/cannot_load.ts";
import { ModelError } from "../checkpoint/model_error.ts";
import { writeJson } from "../files/whole_file.ts";
import { METHODS } from "../methods/methods.ts";
import { openModelDirectory } from "../methods/model_directory.ts";
import { type Measured, mismatch } from "./transfer/expectation.ts";
import { fetchFile, measureIfWhole } from "./fetch_file.ts";
import { type HubOptions, signalOf, withLastingErrors } from "./hub_options.ts";
import { withLock } from "./lock.ts";
import { type Manifest, readManifest, writeManifest } from "./manifest.ts";
import { sizeOf } from "./measure_file.ts";
import type { RegistryModel, RemoteFile } from "./registry.ts";

/** Options of {@linkcode installModel}. */
export interface InstallModelOptions extends HubOptions {
  /** Folders of other models, from which equal files are taken. */
  readonly siblings?: readonly string[];
  /** The cache, for copies of tensors that a checkpoint needs to be opened. */
  readonly cacheFolder?: string;
}

/** Whether a record says that a file is the one that is wanted. */
async function isRecorded(
  folder: string,
  { path, expected }: RemoteFile,
  manifest: Manifest | undefined,
): Promise<boolean> {
  const recorded = manifest?.get(path);
  return recorded !== undefined && mismatch(expected, recorded) === undefined &&
    await sizeOf(join(folder, path)) === recorded.size;
}

/**
 * Whether a model directory holds a model of the registry, by its record and
 * the sizes of its files.
 *
 * @param model The model.
 * @param folder The model directory.
 * @returns Whether it does.
 */
export async function isModelInstalled(
  model: RegistryModel,
  folder: string,
): Promise<boolean> {
  const manifest = await readManifest(folder);
  for (const file of model.files) {
    if (!await isRecorded(folder, file, manifest)) return false;
  }
  return manifest !== undefined;
}

async function getFile(
  file: RemoteFile,
  folder: string,
  options: InstallModelOptions & { readonly manifest: Manifest | undefined },
): Promise<Measured> {
  const { manifest, siblings = [] } = options;
  const target = join(folder, file.path);
  if (!options.verify && await isRecorded(folder, file, manifest)) {
    return manifest!.get(file.path)!;
  }
  const expected = { ...manifest?.get(file.path), ...file.expected };
  if (expected.sha256 !== undefined) {
    const known = { ...file, expected };
    const measured = await measureIfWhole(target, known, options);
    if (measured !== undefined) return measured;
  }
  if (await sizeOf(target) !== undefined) {
    options.onNotice?.(`${target} is not as expected and is replaced`);
  }
  const elsewhere = siblings.map((sibling) => join(sibling, file.path));
  return await fetchFile(file, target, { ...options, elsewhere });
}

/** Says how the model is to be used; what a user has changed stays. */
async function writeChoices(
  model: RegistryModel,
  folder: string,
): Promise<void> {
  const [method] = METHODS;
  const path = join(folder, method.configFile);
  if (await sizeOf(path) !== undefined) return;
  const choices = { ...method.choices({}, path), ...model.mfpClip };
  method.choices(choices, `mfp_clip of ${model.name}`);
  await writeJson(path, choices);
}

/** Opens the model, which finds any tensor that is missing or misshaped. */
async function check(
  model: RegistryModel,
  folder: string,
  cacheFolder: string | undefined,
): Promise<void> {
  const { architecture: { clip } } = await openModelDirectory(folder, {
    head: false,
    cacheFolder,
  });
  const { activation: wanted } = model;
  for (const { hiddenAct } of [clip.vision, clip.text]) {
    if (wanted === undefined || hiddenAct === wanted) continue;
    cannotLoad(
      join(folder, "clip"),
      `its activation must be ${wanted}: current value is ${hiddenAct}`,
    );
  }
}

/**
 * Downloads a model. Files that are there already stay, by their record or,
 * with `verify`, by their hashes; those of other models and of the cache of
 * Hugging Face's own tools are taken from there. There is no head among them:
 * training writes one.
 *
 * @param model The model.
 * @param folder The model directory.
 * @param options How to get it.
 * @throws {ModelError} If a file does not exist, may not be had, or does not
 * fit the others.
 * @throws {Error} As {@linkcode fetchFile}, where a retry may help.
 */
export async function installModel(
  model: RegistryModel,
  folder: string,
  options: InstallModelOptions = {},
): Promise<void> {
  const signal = signalOf(options);
  await Deno.mkdir(dirname(folder), { recursive: true });
  const run = async () => {
    const manifest = await readManifest(folder);
    const files = new Map<string, Measured>();
    for (const file of model.files) {
      const get = () => getFile(file, folder, { ...options, manifest });
      files.set(file.path, await withLastingErrors(get, ModelError));
    }
    await writeChoices(model, folder);
    await check(model, folder, options.cacheFolder);
    await writeManifest(folder, files);
  };
  const onWait = () =>
    options.onNotice?.(`Waiting for another process to download ${model.name}`);
  await withLock(`${folder}.lock`, run, { signal, onWait });
}
