/**
 * Small objects that hold the id of the run that the workers of a job share.
 *
 * @module
 */
import { z } from "zod";
import { DataSetError } from "../data/sample.ts";
import {
  type ObjectStore,
  readIfThere,
  type StoreOptions,
} from "../storage/object_store.ts";
import { parseJson } from "./stored_json.ts";

const POINTER = z.object({ run: z.string() });

/** An id has 64 characters. */
const MOST_BYTES = 4096;

const JSON_TYPE = { contentType: "application/json" };

/**
 * The key of the object that holds the run of a job.
 *
 * @param job The name that its workers share.
 * @returns The key below the results' root.
 */
export function jobKey(job: string): string {
  const name = encodeURIComponent(job).replaceAll(".", "%2E");
  return `jobs/${name}.json`;
}

function encode(run: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${JSON.stringify({ run })}\n`);
}

function decode(bytes: Uint8Array, location: string): string {
  try {
    return parseJson(POINTER, new TextDecoder().decode(bytes)).run;
  } catch (cause) {
    throw new DataSetError(
      `Cannot find a run as ${location} must name one: it is damaged`,
      { cause },
    );
  }
}

/**
 * Reads the id of a run.
 *
 * @param out Where the results lie.
 * @param key The object that holds it.
 * @param options How to stop.
 * @returns The id of the run, or null if there is no such object.
 * @throws {DataSetError} If the object is damaged.
 * @throws {StorageError} If the store fails.
 */
export async function readPointer(
  out: ObjectStore,
  key: string,
  options: StoreOptions = {},
): Promise<string | null> {
  const bounded = { ...options, maxBytes: MOST_BYTES };
  const bytes = await readIfThere(out, key, bounded);
  return bytes && decode(bytes, `${out.uri}${key}`);
}

/**
 * Writes the id of a run, unless another one is there.
 *
 * @param out Where the results lie.
 * @param key The object that holds it.
 * @param run The id of the run.
 * @param options How to stop.
 * @returns Whether the object now holds this run.
 * @throws {StorageError} If the store fails.
 */
export function createPointer(
  out: ObjectStore,
  { key, run }: { readonly key: string; readonly run: string },
  options: StoreOptions = {},
): Promise<boolean> {
  return out.create(key, encode(run), { ...options, ...JSON_TYPE });
}
