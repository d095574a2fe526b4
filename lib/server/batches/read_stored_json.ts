/**
 * JSON files in storage, checked before they are used.
 *
 * @module
 */
import { z } from "zod";
import { parseJson } from "../../batch/stored_json.ts";
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

/** The records of a batch have some kilobytes; what a client sent has more. */
const MAX_BYTES = 2 ** 26;

/** A file may be replaced by a longer one while it is read. */
const MAX_READS = 3;

/** The schema of a file that may lack fields. */
function withDefaults<T>(
  { schema, defaults }: StoredJsonOptions<T>,
): z.ZodType<T> {
  return z.preprocess((json) => {
    const isObject = typeof json === "object" && json !== null &&
      !Array.isArray(json);
    return isObject ? { ...defaults, ...json } : json;
  }, schema);
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
  const schema = withDefaults(options);
  for (let reads = 1;; reads++) {
    const { signal } = options;
    const bytes = await readIfThere(store, path, {
      ...signal && { signal },
      maxBytes: MAX_BYTES,
    });
    if (bytes === null) return null;
    try {
      return parseJson(schema, new TextDecoder().decode(bytes));
    } catch (cause) {
      if (reads < MAX_READS) continue;
      const reason = cause instanceof Error ? cause.message : String(cause);
      const message = `Cannot read ${store.uri}${path} as it must be JSON ` +
        `that a server has written: ${reason}`;
      throw new StorageError(message, "invalid", { cause });
    }
  }
}
