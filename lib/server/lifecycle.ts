/**
 * From loading to the end.
 *
 * @module
 */

/** Where a server is in its life. */
export type Phase = "loading" | "ready" | "draining";

/** Batches that may fail in a row before the process is worth restarting. */
const MAX_SESSION_FAILURES = 3;

/** What health routes ask. */
export class Lifecycle {
  #phase: Phase = "loading";
  #failures = 0;
  readonly #draining = new AbortController();
  readonly #ending = new AbortController();

  /** Where the server is. */
  get phase(): Phase {
    return this.#phase;
  }

  /** Whether the process works. It may still be loading the model. */
  get isLive(): boolean {
    return this.#failures < MAX_SESSION_FAILURES;
  }

  /** Whether new requests should be sent here. */
  get isReady(): boolean {
    return this.#phase === "ready" && this.isLive;
  }

  /** Aborted when draining starts. */
  get draining(): AbortSignal {
    return this.#draining.signal;
  }

  /** Aborted when requests that are not done are to be refused. */
  get ending(): AbortSignal {
    return this.#ending.signal;
  }

  /** Notes that the model is loaded. */
  modelLoaded(): void {
    if (this.#phase === "loading") this.#phase = "ready";
  }

  /** Starts to drain, because the process is to end. */
  drain(): void {
    this.#phase = "draining";
    this.#draining.abort(new DOMException("The server ends", "AbortError"));
  }

  /** Ends requests that are not done, because there is no more time. */
  end(): void {
    this.#ending.abort(new DOMException("The server ends", "AbortError"));
  }

  /**
   * Counts the session's failures in a row.
   *
   * @param isAnswered Whether the session answered.
   */
  sessionAnswered(isAnswered: boolean): void {
    this.#failures = isAnswered ? 0 : this.#failures + 1;
  }
}
