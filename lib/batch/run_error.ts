/**
 * The error of a run.
 *
 * @module
 */

/** Why a run cannot go on. */
export type RunFailure =
  /** Its options or its places are wrong; a retry cannot help. */
  | "configuration"
  /** Some images are not scored yet. */
  | "incomplete";

/** Thrown when a run cannot be planned, joined or merged as asked. */
export class RunError extends Error {
  /** Its name. */
  override name = "RunError";
  /** Why; only an incomplete run is worth another attempt. */
  readonly failure: RunFailure;

  /** Constructs an error from a sentence and the kind of failure. */
  constructor(message: string, failure: RunFailure, options?: ErrorOptions) {
    super(message, options);
    this.failure = failure;
  }
}
