/**
 * The form of every error of a loader.
 *
 * @module
 */
import { ModelError } from "./model_error.ts";

/**
 * Throws an error that says in one sentence why a file cannot be used.
 *
 * @param reason What is wrong, as a clause without a full stop.
 * @throws {ModelError} Always.
 */
export function cannotLoad(path: string, reason: string): never {
  throw new ModelError(`Cannot load ${path} as ${reason}`);
}
