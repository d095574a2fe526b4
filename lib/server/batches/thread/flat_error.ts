/**
 * Errors on their way between threads: a clone of an error loses its class.
 *
 * @module
 */
import { RunError, type RunFailure } from "../../../batch/run_error.ts";
import { DataSetError } from "../../../data/sample.ts";
import {
  ImageDecodeError,
  type ImageDecodeReason,
} from "../../../image/image.ts";
import {
  StorageError,
  type StorageFailure,
} from "../../../storage/object_store.ts";

/** An error as plain data. */
export interface FlatError {
  /** Its class, as its name says. */
  readonly name: string;
  /** One sentence. */
  readonly message: string;
  /** The kind of a {@linkcode StorageError} or a {@linkcode RunError}. */
  readonly failure?: string;
  /** The kind of an {@linkcode ImageDecodeError}. */
  readonly reason?: string;
}

/** Makes an error of each class that callers tell from others. */
const MAKERS: Readonly<Record<string, (flat: FlatError) => Error>> = {
  StorageError: ({ message, failure }) =>
    new StorageError(message, failure as StorageFailure),
  RunError: ({ message, failure }) =>
    new RunError(message, failure as RunFailure),
  ImageDecodeError: ({ message, reason }) =>
    new ImageDecodeError(message, { reason: reason as ImageDecodeReason }),
  DataSetError: ({ message }) => new DataSetError(message),
  AbortError: ({ message, name }) => new DOMException(message, name),
  TimeoutError: ({ message, name }) => new DOMException(message, name),
};

/**
 * Flattens an error.
 *
 * @param error What was thrown.
 * @returns Plain data.
 */
export function flatten(error: unknown): FlatError {
  if (!(error instanceof Error)) return { name: "Error", message: `${error}` };
  const { name, message } = error;
  return {
    name,
    message,
    ...(error instanceof StorageError || error instanceof RunError) &&
      { failure: error.failure },
    ...error instanceof ImageDecodeError && { reason: error.reason },
  };
}

/**
 * Makes an error again.
 *
 * @param flat What {@linkcode flatten} made of it.
 * @returns An error of the same class, where callers tell it from others.
 */
export function restore(flat: FlatError): Error {
  const make = MAKERS[flat.name];
  if (make !== undefined) return make(flat);
  return Object.assign(new Error(flat.message), { name: flat.name });
}
