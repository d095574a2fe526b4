/**
 * JSON files that the program keeps for itself, such as the record of a
 * download. One that is cut off, or of another version, counts as missing: the
 * work that it would save is then done again.
 *
 * @module
 */
import type { z } from "zod";
import { readTextIfThere } from "./is_there.ts";

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Reads a record.
 *
 * @returns What it holds; undefined where there is none.
 */
export async function readOwnRecord<T>(
  path: string,
  schema: z.ZodType<T>,
): Promise<T | undefined> {
  const text = await readTextIfThere(path);
  if (text === undefined) return undefined;
  return schema.safeParse(parseJson(text)).data;
}
