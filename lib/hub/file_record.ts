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
import { measureFile } from "./measure_file.ts";

/** Path below the folder -> size and hash. */
export type FileRecord = ReadonlyMap<string, Measured>;

/** Below the folder; hidden, so that no layout of a data set sees it. */
const FILE = ".mfp-clip/files.json";

const VERSION = 1;

const SCHEMA = z.object({
  version: z.literal(VERSION),
  files: z.record(
    z.string(),
    z.object({ size: z.int().nonnegative(), sha256: z.string() }),
  ),
});

/**
 * Writes the record of a folder.
 */
export async function writeFileRecord(
  folder: string,
  record: FileRecord,
): Promise<void> {
  const path = join(folder, FILE);
  const files = Object.fromEntries(
    [...record].sort(([a], [b]) => a < b ? -1 : 1),
  );
  await Deno.mkdir(dirname(path), { recursive: true });
  await writeWhole(path, JSON.stringify({ version: VERSION, files }));
}

/**
 * Reads the record of a folder.
 *
 * @returns The files that belong to it, or undefined where there is no record.
 */
export async function readFileRecord(
  folder: string,
): Promise<FileRecord | undefined> {
  const found = await readOwnRecord(join(folder, FILE), SCHEMA);
  return found && new Map(Object.entries(found.files));
}

/** Options of {@linkcode findDamaged}. */
export interface DamageOptions {
  /** Stops the reading. */
  readonly signal?: AbortSignal;
  /** Called with the bytes read so far, and all. */
  readonly onProgress?: (bytes: number, total: number) => void;
}

/**
 * Reads all files of a record and compares them with their hashes.
 *
 * @returns Paths of the files that are missing or not as recorded.
 */
export async function findDamaged(
  folder: string,
  record: FileRecord,
  { signal, onProgress }: DamageOptions = {},
): Promise<string[]> {
  const damaged: string[] = [];
  const total = record.values().reduce((sum, { size }) => sum + size, 0);
  let before = 0;
  for (const [path, { size, sha256 }] of record) {
    const measured = await measureFile(join(folder, path), {
      ...signal && { signal },
      onProgress: (bytes) => onProgress?.(before + bytes, total),
    });
    if (measured?.sha256 !== sha256) damaged.push(path);
    before += size;
  }
  return damaged;
}
