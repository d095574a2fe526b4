/**
 * Responses where storage fails.
 *
 * @module
 */
import { StorageError } from "../../storage/object_store.ts";
import { STATUS_OF } from "../outcome.ts";
import { storageFailed } from "./read_object.ts";
import { refusal } from "./refusals.ts";
import type { Services } from "../services.ts";

/**
 * Turns a failure of the storage that a request names into a response.
 *
 * @param work Uses an address that the request names.
 * @returns What it returned.
 * @throws {HTTPException} If storage fails.
 */
export async function withStorage<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    const { reason, error: message } = storageFailed(error);
    throw refusal(STATUS_OF[reason], message);
  }
}

/**
 * Ends a stream of events where the storage of batches fails. Clients then ask
 * again.
 *
 * @returns Null, as if the batch were not there.
 */
export function missed(error: unknown): null {
  if (error instanceof StorageError) return null;
  throw error;
}

/**
 * Hides where storage lies that clients have not named.
 *
 * @param services Told why storage failed.
 * @param work Uses the storage.
 * @param instead What is thrown if storage fails.
 * @returns What it returned.
 */
export async function hideStorage<T>(
  { onError }: Pick<Services, "onError">,
  work: () => Promise<T>,
  instead: (error: StorageError) => Error,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    onError(error);
    throw instead(error);
  }
}

/**
 * Hides where batches are kept, because clients must not learn it.
 *
 * @param services Told why storage failed.
 * @param work Uses the storage of batches.
 * @returns What it returned.
 * @throws {HTTPException} 503 if storage fails.
 */
export async function withState<T>(
  services: Pick<Services, "onError">,
  work: () => Promise<T>,
): Promise<T> {
  return await hideStorage(
    services,
    work,
    () => refusal(503, "Cannot answer as the storage of batches failed"),
  );
}
