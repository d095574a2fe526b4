/**
 * Objects that requests name, read into memory.
 *
 * @module
 */
import {
  StorageError,
  type StorageFailure,
} from "../../storage/object_store.ts";
import type { AllowedStores } from "./allowed_stores.ts";
import { failed, type FailedOutcome, type Reason } from "../outcome.ts";

const REASONS: Readonly<Record<StorageFailure, Reason>> = {
  missing: "not_found",
  denied: "forbidden",
  invalid: "invalid_request",
  too_large: "too_large",
  unreadable: "forbidden",
  unavailable: "unavailable",
};

/** Options of {@linkcode readObject}. */
export interface ReadObjectOptions {
  /** Bytes of the object at most. */
  readonly maxBytes: number;
  /** Ends the reading early. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Says why storage did not give what was asked.
 *
 * @returns The reason.
 * @throws {unknown} The error itself, if it is not storage's.
 */
export function storageFailed(error: unknown): FailedOutcome {
  if (!(error instanceof StorageError)) throw error;
  return failed(REASONS[error.failure], error.message);
}

/**
 * Reads an object whole.
 *
 * @param uri The object's address.
 * @returns Its bytes, or why there are none.
 */
export async function readObject(
  stores: AllowedStores,
  uri: string,
  { maxBytes, signal }: ReadObjectOptions,
): Promise<Uint8Array | FailedOutcome> {
  try {
    const { store, key } = stores.object(uri);
    const bytes = await store.read(key, {
      range: { start: 0, end: maxBytes + 1 },
      ...signal && { signal },
    });
    if (bytes.length <= maxBytes) return bytes;
    return failed(
      "too_large",
      `Cannot read the object as it must have at most ${maxBytes} bytes`,
    );
  } catch (error) {
    return storageFailed(error);
  }
}
