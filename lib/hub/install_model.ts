/**
 * Downloads a model of the registry into a model directory.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { cannotLoad } from "../checkpoint/cannot_load.ts";
import type { JsonObject } from "../checkpoint/json_file.ts";
import { ModelError } from "../checkpoint/model_error.ts";
import { writeJson } from "../files/whole_file.ts";
import { openModelDirectory } from "../methods/model_directory.ts";
import type { Measured } from "./transfer/expectation.ts";
import { DownloadError } from "./download_error.ts";
import {
  fetchFile,
  measureIfWhole,
  publishedName,
  takeFile,
} from "./fetch_file.ts";
import { assertGitBlob } from "./git_blob.ts";
import { type HubOptions, signalOf, withLastingErrors } from "./hub_options.ts";
import { withLock } from "../files/lock.ts";
import {
  type FileRecord,
  readFileRecord,
  writeFileRecord,
} from "./file_record.ts";
import { sizeOf } from "./measure_file.ts";
import { isRecorded } from "./installed_model.ts";
import { choicesKey, type RegistryModel, type RemoteFile } from "./registry.ts";

/** Options of {@linkcode installModel}. */
export interface InstallModelOptions extends HubOptions {
  /** Folders of other models, from which equal files are taken. */
  readonly siblings?: readonly string[];
  /**
   * A folder with files that someone got by hand, under their published names.
   *
   * @default {none}
   */
  readonly from?: string | undefined;
  /** The cache, for copies of tensors that a checkpoint needs to be opened. */
  readonly cacheFolder?: string;
}

/** The most bytes of a file of untold size, ten times the largest known one. */
const MOST_BYTES = 2 ** 34;

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
  const { from } = options;
  const taken = from && await takeFile(file, target, { ...options, from });
  const elsewhere = siblings.map((sibling) => join(sibling, file.path));
  const measured = taken ||
    await fetchFile(file, target, {
      ...options,
      elsewhere,
      mostBytes: MOST_BYTES,
    })
      .catch((error) => adviseByHand(error, file));
  await assertGitBlob(folder, file);
  return measured;
}

/** Says the other way to a file that could not be downloaded. */
function adviseByHand(error: unknown, file: RemoteFile): never {
  const { page } = file;
  if (!(error instanceof DownloadError) || page === undefined) throw error;
  const name = publishedName(file);
  const { message, failure, retryAfter } = error;
  throw new DownloadError(
    `${message}; ${name} can be got by hand from ${page}: --from names the ` +
      "folder that it lies in",
    failure,
    { cause: error, retryAfter },
  );
}

/** Writes a JSON file, unless there is one that a user may have changed. */
async function writeOnce(path: string, json: JsonObject): Promise<void> {
  if (await sizeOf(path) === undefined) await writeJson(path, json);
}

/** Writes the choices of the method, and CLIP's sizes if none are published. */
async function writeChoices(
  { name, method, choices, clipConfig }: RegistryModel,
  folder: string,
): Promise<void> {
  const path = join(folder, method.configFile);
  const all = { ...method.choices({}, path), ...choices };
  method.choices(all, `${choicesKey(method)} of ${name}`);
  await writeOnce(path, all);
  if (clipConfig === undefined) return;
  await writeOnce(join(folder, "clip/config.json"), clipConfig);
}

/** Whether a trained head is among the files. */
function hasHead({ method, files }: RegistryModel): boolean {
  const { publishedHead } = method;
  return files.some(({ path }) => path === publishedHead?.file);
}

/** Opens the model, which finds any tensor that is missing or misshaped. */
async function check(
  model: RegistryModel,
  folder: string,
  cacheFolder: string | undefined,
): Promise<void> {
  const { architecture: { clip } } = await openModelDirectory(folder, {
    head: hasHead(model),
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
 * Hugging Face's own tools are reused. A trained head is among the files where one is published; else
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
