/**
 * JSON files in storage, checked before they are used.
 *
 * @module
 */
import type { z } from "@hono/zod-openapi";
import {
  type ObjectStore,
  readIfThere,
  StorageError,
  type StoreOptions,
} from "../../storage/object_store.ts";

/** Options of {@linkcode readStoredJson}. */
export interface StoredJsonOptions<T> extends StoreOptions {
  /** What the file must hold. */
  readonly schema: z.ZodType<T>;
  /** Values of fields that files of older servers lack. */
  readonly defaults?: Partial<T>;
}

/** A file may be replaced by a longer one while it is read. */
const MAX_READS = 3;

function withDefaults(json: unknown, defaults: object | undefined): unknown {
  const isObject = typeof json === "object" && json !== null &&
    !Array.isArray(json);
  return isObject ? { ...defaults, ...json } : json;
}

function parse<T>(
  text: string,
  { schema, defaults }: StoredJsonOptions<T>,
): { readonly value: T } | { readonly reason: string } {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { reason: "it must be JSON" };
  }
  const { data, error } = schema.safeParse(withDefaults(json, defaults));
  if (error === undefined) return { value: data };
  const [issue] = error.issues;
  const field = issue?.path.join(".") || "it";
  return { reason: `${field} must be as servers write it: ${issue?.message}` };
}

/**
 * Reads a JSON file.
 *
 * @param store The storage.
 * @param path The file's key.
 * @param options What the file must hold.
 * @returns What it holds; `null` where there is no such file.
 * @throws {StorageError} If the file cannot be read, or holds something else.
 */
export async function readStoredJson<T>(
  store: ObjectStore,
  path: string,
  options: StoredJsonOptions<T>,
): Promise<T | null> {
  let reason = "";
  for (let reads = 0; reads < MAX_READS; reads++) {
    const bytes = await readIfThere(store, path, options);
    if (bytes === null) return null;
    const text = new TextDecoder().decode(bytes);
    const parsed = parse(text, options);
    if ("value" in parsed) return parsed.value;
    reason = parsed.reason;
  }
  const message = `Cannot read ${store.uri}${path} as ${reason}`;
  throw new StorageError(message, "invalid");
}
