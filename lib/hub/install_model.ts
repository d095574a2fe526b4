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
import {
  type FileRecord,
  readFileRecord,
  writeFileRecord,
} from "./file_record.ts";
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
  record: FileRecord | undefined,
): Promise<boolean> {
  const recorded = record?.get(path);
  return recorded !== undefined && mismatch(expected, recorded) === undefined &&
    await sizeOf(join(folder, path)) === recorded.size;
}

/**
 * Whether a model directory holds a model of the registry, by its record and
 * the sizes of its files.
 */
export async function isModelInstalled(
  model: RegistryModel,
  folder: string,
): Promise<boolean> {
  const record = await readFileRecord(folder);
  for (const file of model.files) {
    if (!await isRecorded(folder, file, record)) return false;
  }
  return record !== undefined;
}

async function getFile(
  file: RemoteFile,
  folder: string,
  options: InstallModelOptions & { readonly record: FileRecord | undefined },
): Promise<Measured> {
  const { record, siblings = [] } = options;
  const target = join(folder, file.path);
  if (!options.verify && await isRecorded(folder, file, record)) {
    return record!.get(file.path)!;
  }
  const expected = { ...record?.get(file.path), ...file.expected };
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

/** Writes mfp_clip.json, unless there is one that a user may have changed. */
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
 * Downloads a model. Files that are there and fit the record, or with `verify`
 * their hashes, are kept. Equal files of other models and of the cache of
 * Hugging Face's own tools are reused. The head is not among the files:
 * training writes it.
 *
 * @throws {ModelError} If a file does not exist, is not handed out, or does not
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
    const record = await readFileRecord(folder);
    const files = new Map<string, Measured>();
    for (const file of model.files) {
      const get = () => getFile(file, folder, { ...options, record });
      files.set(file.path, await withLastingErrors(get, ModelError));
    }
    await writeChoices(model, folder);
    await check(model, folder, options.cacheFolder);
    await writeFileRecord(folder, files);
  };
  const onWait = () =>
    options.onNotice?.(`Waiting for another process to download ${model.name}`);
  await withLock(`${folder}.lock`, run, { signal, onWait });
}
