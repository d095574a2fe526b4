/**
 * Reads JSON files that hold one object.
 *
 * @module
 */
import { PlainFileError, readPlainText } from "../files/plain_file.ts";
import { cannotLoad } from "./cannot_load.ts";

/** The largest texts, tokenizers, have four megabytes. */
const MAX_BYTES = 64 << 20;

/** Any JSON object. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Whether a JSON value is an object, and neither an array nor null. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Reads a text file.
 *
 * @throws {ModelError} If the file is missing or cannot be read.
 */
export async function readText(path: string): Promise<string> {
  try {
    return await readPlainText(path, { maxBytes: MAX_BYTES });
  } catch (error) {
    if (error instanceof PlainFileError) cannotLoad(path, error.reason);
    if (error instanceof Deno.errors.NotFound) {
      cannotLoad(path, "there is no such file");
    }
    const reason = error instanceof Error ? error.message : String(error);
    cannotLoad(path, `it cannot be read: ${reason}`);
  }
}

/**
 * Reads a JSON file that holds one object.
 *
 * @throws {ModelError} If the file is missing, is not JSON or holds something
 * else.
 */
export async function readJsonObject(path: string): Promise<JsonObject> {
  return parseJsonObject(await readText(path), path);
}

/**
 * Parses JSON that must be one object.
 *
 * @param path What errors call it.
 * @throws {ModelError} If it is not JSON, or something else.
 */
export function parseJsonObject(text: string, path: string): JsonObject {
  let value: unknown;
  try {
    // Notepad and others write a mark that JSON does not have.
    value = JSON.parse(text.replace(/^\ufeff/, ""));
  } catch (error) {
    cannotLoad(path, `it is not valid JSON: ${(error as Error).message}`);
  }
  if (!isJsonObject(value)) cannotLoad(path, "it must hold a JSON object");
  return value;
}
