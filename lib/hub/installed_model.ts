/**
 * Whether a model of the registry is here, without the code that downloads it.
 *
 * @module
 */
import { join } from "node:path";
import { type FileRecord, readFileRecord } from "./file_record.ts";
import { sizeOf } from "./measure_file.ts";
import type { RegistryModel, RemoteFile } from "./registry.ts";
import { mismatch } from "./transfer/expectation.ts";

/** Whether a record says that a file is the one that is wanted. */
export async function isRecorded(
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
