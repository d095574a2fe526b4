/**
 * The time that a worker has left after a signal to stop.
 *
 * @module
 */

/** Default of {@linkcode GraceOptions.seconds}. */
export const GRACE_SECONDS = 5;

/** Options of {@linkcode Grace}. */
export interface GraceOptions {
  /** Signals to stop. */
  readonly signal: AbortSignal | undefined;
  /** Seconds that images under way may still take after the signal. */
  readonly seconds: number;
}

/** Time for writing the last part, counted from the signal, in `seconds`. */
const FLUSH = 1.4;

/**
 * Turns one signal to stop into two later ones: first images under way are
 * abandoned, then parts that are being written.
 */
export class Grace implements Disposable {
  readonly #images = new AbortController();
  readonly #parts = new AbortController();
  readonly #options: GraceOptions;
  readonly #timers: ReturnType<typeof setTimeout>[] = [];
  readonly #start: () => void;

  /** Constructs a grace period, which begins at the signal. */
  constructor(options: GraceOptions) {
    this.#options = options;
    this.#start = () => this.#countDown();
    options.signal?.addEventListener("abort", this.#start);
    if (options.signal?.aborted) this.#countDown();
  }

  /** Whether no more images may be started. */
  get isStopping(): boolean {
    return this.#options.signal?.aborted ?? false;
  }

  /** Aborted when images under way must be abandoned. */
  get images(): AbortSignal {
    return this.#images.signal;
  }

  /** Aborted when nothing more may be written. */
  get parts(): AbortSignal {
    return this.#parts.signal;
  }

  /** Stops the clock. */
  [Symbol.dispose](): void {
    this.#options.signal?.removeEventListener("abort", this.#start);
    for (const timer of this.#timers) clearTimeout(timer);
  }

  #countDown(): void {
    const { signal, seconds } = this.#options;
    const after = (factor: number, controller: AbortController) => {
      const abort = () => controller.abort(signal?.reason);
      this.#timers.push(setTimeout(abort, 1000 * seconds * factor));
    };
    after(1, this.#images);
    after(FLUSH, this.#parts);
  }
}
