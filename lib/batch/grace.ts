/**
 * The time that is left once a worker is told to stop.
 *
 * @module
 */

/** How long what was begun may take, unless something else is said. */
export const GRACE_SECONDS = 5;

/** Options of {@linkcode Grace}. */
export interface GraceOptions {
  /** Tells to stop. */
  readonly signal: AbortSignal | undefined;
  /** How long images that were begun may take from then on. */
  readonly seconds: number;
}

/** How long the last part may take from then on, as a multiple of that. */
const FLUSH = 1.4;

/**
 * From the signal to stop to the signals to abandon images and, later, what
 * is being written.
 */
export class Grace implements Disposable {
  readonly #images = new AbortController();
  readonly #parts = new AbortController();
  readonly #options: GraceOptions;
  readonly #timers: ReturnType<typeof setTimeout>[] = [];
  readonly #start: () => void;

  /** Constructs it; time runs from the signal on. */
  constructor(options: GraceOptions) {
    this.#options = options;
    this.#start = () => this.#countDown();
    options.signal?.addEventListener("abort", this.#start);
    if (options.signal?.aborted) this.#countDown();
  }

  /** Whether no more images are to be taken. */
  get isStopping(): boolean {
    return this.#options.signal?.aborted ?? false;
  }

  /** Aborted when images that were begun are to be abandoned. */
  get images(): AbortSignal {
    return this.#images.signal;
  }

  /** Aborted when nothing more is to be written. */
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
