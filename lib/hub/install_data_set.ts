/**
 * Downloads a data set, or takes in one that a user has put in place.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { INDEX_FILE, scanFolder, writeIndex } from "../data/index_file.ts";
import { openFolder } from "../data/folder.ts";
import { removeIfThere, statIfThere } from "../files/is_there.ts";
import { DataSetError } from "../data/sample.ts";
import { countMismatch } from "./count_images.ts";
import type { DataSetEntry } from "./data_sets.ts";
import type { Measured } from "./transfer/expectation.ts";
import { fetchFile, measureIfWhole } from "./fetch_file.ts";
import { type HubOptions, signalOf, withLastingErrors } from "./hub_options.ts";
import { withLock } from "../files/lock.ts";
import {
  type FileRecord,
  findDamaged,
  readFileRecord,
  writeFileRecord,
} from "./file_record.ts";
import { measureFile, sizeOf } from "./measure_file.ts";
import { unpack } from "./unpack.ts";

const ENDINGS = [".zip", ".tar", ".tar.gz", ".tgz", ".tar.xz", ".txz"];

/**
 * Whether a folder holds a data set that was taken in.
 *
 * @returns Whether it has its record and its index.
 */
export async function isDataSetInstalled(folder: string): Promise<boolean> {
  return await sizeOf(join(folder, INDEX_FILE)) !== undefined &&
    await readFileRecord(folder) !== undefined;
}

/** The archive that a user has put beside the folder, if there is one. */
async function placedArchive(folder: string): Promise<string | undefined> {
  for (const ending of ENDINGS) {
    const path = folder + ending;
    if (await sizeOf(path) !== undefined) return path;
  }
  return undefined;
}

/** Hashes the files of a folder that a user has put in place. */
async function measureFolder(
  entry: DataSetEntry,
  folder: string,
  options: HubOptions,
): Promise<FileRecord> {
  const { files } = await openFolder(folder);
  const signal = signalOf(options);
  const record = new Map<string, Measured>();
  let done = 0;
  for (const path of files) {
    const measured = await measureFile(join(folder, path), { signal });
    if (measured === undefined) continue;
    record.set(path, measured);
    done += measured.size;
    const { title: name } = entry;
    options.onStep?.({ stage: "verify", name, done, total: null });
  }
  return record;
}

/** Checks the images, and leaves the record and the index in the folder. */
async function takeIn(
  entry: DataSetEntry,
  folder: string,
  record: () => Promise<FileRecord>,
): Promise<void> {
  const contents = await scanFolder(folder);
  const wrong = countMismatch(entry, contents);
  if (wrong !== undefined) {
    throw new DataSetError(
      `Cannot take ${folder} for ${entry.title} as ${wrong}`,
    );
  }
  await writeFileRecord(folder, await record());
  await writeIndex(folder, contents);
}

/** Unpacks into a folder of another name, so that none looks whole before. */
async function unpackTo(
  entry: DataSetEntry,
  archive: string,
  at: { readonly folder: string; readonly options: HubOptions },
): Promise<void> {
  const { folder, options } = at;
  const partial = `${folder}.partial`;
  await removeIfThere(partial);
  await Deno.mkdir(partial, { recursive: true });
  try {
    const record = await unpack(archive, partial, {
      signal: signalOf(options),
      ...options.tuning?.free && { free: options.tuning.free },
      onProgress: (done, total) =>
        options.onStep?.({ stage: "unpack", name: entry.title, done, total }),
    });
    await takeIn(entry, partial, () => Promise.resolve(record));
    await Deno.rename(partial, folder);
  } catch (error) {
    await Deno.remove(partial, { recursive: true }).catch(() => {});
    throw error;
  }
}

async function verify(
  entry: DataSetEntry,
  folder: string,
  options: HubOptions,
): Promise<void> {
  const record = await readFileRecord(folder) ?? new Map();
  const damaged = await findDamaged(folder, record, {
    signal: signalOf(options),
    onProgress: (done, total) =>
      options.onStep?.({ stage: "verify", name: entry.title, done, total }),
  });
  if (damaged.length === 0) return;
  throw new DataSetError(
    `Cannot use ${folder} as its files must be as they were unpacked: ${damaged.length} of ${record.size} are not, the first is ${
      damaged[0]
    }; remove the folder and download it again`,
  );
}

/** Where an archive is until it is unpacked. */
function downloadsOf(folder: string): string {
  return `${folder}.download`;
}

async function getArchive(
  entry: DataSetEntry,
  folder: string,
  options: HubOptions,
): Promise<string> {
  const { archive, title, page, otherwise } = entry;
  if (archive === undefined) {
    throw new DataSetError(
      `Cannot download ${title} as it must be got by hand from ${page}, for ${otherwise}: put its folder at ${folder} or its archive at ${folder}.zip (${
        ENDINGS.slice(1).join(", ")
      }), and run this again`,
    );
  }
  const target = join(downloadsOf(folder), archive.path);
  if (await measureIfWhole(target, archive, options) === undefined) {
    const get = () => fetchFile(archive, target, options);
    await withLastingErrors(get, DataSetError);
  }
  return target;
}

async function install(
  entry: DataSetEntry,
  folder: string,
  options: HubOptions,
): Promise<void> {
  if (await isDataSetInstalled(folder)) {
    if (options.verify) await verify(entry, folder, options);
    return;
  }
  if ((await statIfThere(folder))?.isDirectory) {
    return await takeIn(
      entry,
      folder,
      () => measureFolder(entry, folder, options),
    );
  }
  const placed = await placedArchive(folder);
  const archive = placed ?? await getArchive(entry, folder, options);
  await unpackTo(entry, archive, { folder, options });
  if (placed === undefined) {
    await Deno.remove(downloadsOf(folder), { recursive: true });
  }
}

/**
 * Downloads a data set and unpacks it, or installs what a user has put in
 * place: the folder, or an archive beside it. Either must hold the known
 * categories and numbers of images. The folder then gets a record of all files,
 * which `verify` uses, and an index, which saves the scan.
 *
 * @param folder Where it is to be.
 * @throws {DataSetError} If it must be fetched by hand, is not handed out, is
 * damaged, or does not hold the expected images.
 * @throws {Error} As {@linkcode fetchFile}, where a retry may help.
 */
export async function installDataSet(
  entry: DataSetEntry,
  folder: string,
  options: HubOptions = {},
): Promise<void> {
  await Deno.mkdir(dirname(folder), { recursive: true });
  const { title } = entry;
  await withLock(`${folder}.lock`, () => install(entry, folder, options), {
    signal: signalOf(options),
    onWait: () =>
      options.onNotice?.(`Waiting for another process to download ${title}`),
  });
}
