/**
 * The one error that every loader of a model throws.
 *
 * @module
 */

/**
 * Thrown when a model directory, a checkpoint or a configuration cannot be
 * used. The message is one sentence that names the file and what is wrong.
 */
export class ModelError extends Error {
  /** Its name. */
  override name = "ModelError";
}
