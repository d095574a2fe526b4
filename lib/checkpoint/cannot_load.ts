/**
 * The form that every error of a loader has.
 *
 * @module
 */
import { ModelError } from "./model_error.ts";

/**
 * Throws the one sentence that says why a file cannot be used.
 *
 * @param path The file.
 * @param reason What is wrong, as a clause without a full stop.
 * @throws {ModelError} Always.
 */
export function cannotLoad(path: string, reason: string): never {
  throw new ModelError(`Cannot load ${path} as ${reason}`);
}
