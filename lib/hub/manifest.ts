/**
 * A record, inside a downloaded folder, of the files that belong to it.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { z } from "zod";
import { readOwnRecord } from "../files/own_record.ts";
import { writeWhole } from "../files/whole_file.ts";
import type { Measured } from "./transfer/expectation.ts";
import { measureFile, sizeOf } from "./measure_file.ts";

/** Path below the folder -> size and hash. */
export type Manifest = ReadonlyMap<string, Measured>;

/** Below the folder; hidden, so that no layout of a data set sees it. */
const FILE = ".mfp-clip/files.json";

const VERSION = 1;

const RECORD = z.object({
  version: z.literal(VERSION),
  files: z.record(
    z.string(),
    z.object({ size: z.int().nonnegative(), sha256: z.string() }),
  ),
});

/**
 * Writes the record of a folder.
 *
 * @param folder The folder.
 * @param manifest The files that belong to it.
 */
export async function writeManifest(
  folder: string,
  manifest: Manifest,
): Promise<void> {
  const path = join(folder, FILE);
  const files = Object.fromEntries(
    [...manifest].sort(([a], [b]) => a < b ? -1 : 1),
  );
  await Deno.mkdir(dirname(path), { recursive: true });
  await writeWhole(path, JSON.stringify({ version: VERSION, files }));
}

/**
 * Reads the record of a folder.
 *
 * @param folder The folder.
 * @returns The files that belong to it, or undefined where there is no record.
 */
export async function readManifest(
  folder: string,
): Promise<Manifest | undefined> {
  const record = await readOwnRecord(join(folder, FILE), RECORD);
  return record && new Map(Object.entries(record.files));
}

/**
 * Checks by their sizes that the files of a record are there.
 *
 * @param folder The folder.
 * @param manifest The record.
 * @returns Whether all are.
 */
export async function isComplete(
  folder: string,
  manifest: Manifest,
): Promise<boolean> {
  for (const [path, { size }] of manifest) {
    if (await sizeOf(join(folder, path)) !== size) return false;
  }
  return true;
}

/** Options of {@linkcode findDamaged}. */
export interface DamageOptions {
  /** Stops the reading. */
  readonly signal?: AbortSignal;
  /** Told how many bytes of all were read. */
  readonly onProgress?: (bytes: number, total: number) => void;
}

/**
 * Reads all files of a record and compares them with their hashes.
 *
 * @param folder The folder.
 * @param manifest The record.
 * @param options The signal, and whom to tell.
 * @returns Paths of the files that are missing or not as recorded.
 */
export async function findDamaged(
  folder: string,
  manifest: Manifest,
  { signal, onProgress }: DamageOptions = {},
): Promise<string[]> {
  const damaged: string[] = [];
  const total = manifest.values().reduce((sum, { size }) => sum + size, 0);
  let before = 0;
  for (const [path, { size, sha256 }] of manifest) {
    const measured = await measureFile(join(folder, path), {
      ...signal && { signal },
      onProgress: (bytes) => onProgress?.(before + bytes, total),
    });
    if (measured?.sha256 !== sha256) damaged.push(path);
    before += size;
  }
  return damaged;
}
