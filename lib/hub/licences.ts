/**
 * Which licences a user has accepted.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { z } from "zod";
import { withLock } from "../files/lock.ts";
import { readOwnRecord } from "../files/own_record.ts";
import { writeJson } from "../files/whole_file.ts";
import type { DataSetEntry } from "./data_sets.ts";

const FILE = "licences.json";

/** Name of a data set -> what was accepted. */
const ACCEPTED = z.record(z.string(), z.looseObject({ licence: z.string() }));

async function read(cache: string): Promise<z.infer<typeof ACCEPTED>> {
  return await readOwnRecord(join(cache, FILE), ACCEPTED) ?? {};
}

/**
 * Whether the licence of a data set was accepted, as it is now.
 */
export async function isAccepted(
  cache: string,
  { name, licence }: DataSetEntry,
): Promise<boolean> {
  return (await read(cache))[name]?.licence === licence;
}

/**
 * Notes that the licence of a data set was accepted.
 */
export async function recordAccepted(
  cache: string,
  { name, licence, page }: DataSetEntry,
  now: Date,
): Promise<void> {
  const path = join(cache, FILE);
  await Deno.mkdir(dirname(path), { recursive: true });
  // Two downloads may be told of two licences at the same time.
  await withLock(`${path}.lock`, async () => {
    const accepted = await read(cache);
    accepted[name] = { licence, page, accepted: now.toISOString() };
    await writeJson(path, accepted);
  });
}
