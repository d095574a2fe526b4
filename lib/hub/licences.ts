/**
 * Which licences a user has accepted.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { isJsonObject } from "../checkpoint/json_file.ts";
import { writeJson } from "../files/whole_file.ts";
import type { DataSetEntry } from "./data_sets.ts";

const FILE = "licences.json";

async function read(cache: string): Promise<Record<string, unknown>> {
  try {
    const text = await Deno.readTextFile(join(cache, FILE));
    const accepted: unknown = JSON.parse(text);
    return isJsonObject(accepted) ? { ...accepted } : {};
  } catch (error) {
    const expected = error instanceof Deno.errors.NotFound ||
      error instanceof SyntaxError;
    if (expected) return {};
    throw error;
  }
}

/**
 * Whether the licence of a data set was accepted, as it is now.
 *
 * @param cache The cache.
 * @param entry The data set.
 * @returns Whether it was.
 */
export async function isAccepted(
  cache: string,
  { name, licence }: DataSetEntry,
): Promise<boolean> {
  const accepted = (await read(cache))[name];
  return isJsonObject(accepted) && accepted.licence === licence;
}

/**
 * Notes that the licence of a data set was accepted.
 *
 * @param cache The cache.
 * @param entry The data set.
 * @param now When that was.
 */
export async function recordAccepted(
  cache: string,
  { name, licence, page }: DataSetEntry,
  now: Date,
): Promise<void> {
  const path = join(cache, FILE);
  const accepted = await read(cache);
  accepted[name] = { licence, page, accepted: now.toISOString() };
  await Deno.mkdir(dirname(path), { recursive: true });
  await writeJson(path, accepted);
}
