/**
 * Single images to batches, as they come.
 *
 * @module
 */
import type { Detection, FramedInput } from "../../detector/detector.ts";

/** Runs a batch through the network. */
export type Detect = (
  inputs: readonly FramedInput[],
) => Promise<Detection[]>;

/** Facts about a batch that has run. */
export interface MicroBatchReport {
  /** Images in it. */
  readonly size: number;
  /** Milliseconds from its start to its end. */
  readonly milliseconds: number;
  /** Whether the detector answered. */
  readonly isAnswered: boolean;
}

/** Time, which tests replace. */
export interface BatchTimer {
  /** The time in milliseconds. */
  now(): number;
  /** Calls back after a while, unless the returned function is called before. */
  after(milliseconds: number, callback: () => void): () => void;
}

const SYSTEM_TIMER: BatchTimer = {
  now: () => performance.now(),
  after(milliseconds, callback) {
    const timer = setTimeout(callback, Math.ceil(milliseconds));
    return () => clearTimeout(timer);
  },
};

/** Options of {@linkcode MicroBatcher}. */
export interface MicroBatcherOptions {
  /** Images in one batch at most. */
  readonly maxItems: number;
  /**
   * Bytes of pixels in one batch at most; one image always fits.
   *
   * @default {64 MiB}
   */
  readonly maxBytes?: number;
  /**
   * Milliseconds that an idle detector waits for more images.
   *
   * @default {3}
   */
  readonly delay?: number;
  /**
   * Batches that the detector looks at side by side.
   *
   * @default {1}
   */
  readonly sessions?: number;
  /** Called after each batch. */
  readonly onMicroBatch?: (report: MicroBatchReport) => void;
  /** Time; the system's where absent. */
  readonly clock?: BatchTimer;
}

/** What one image gets. */
export interface Batched {
  /** The maps and scores. */
  readonly detection: Detection;
  /** Milliseconds until its batch was started. */
  readonly queueMilliseconds: number;
}

/**
 * How long an idle detector waits for images on their way, as a part of the
 * time that the last batch took: as much as a fuller batch may be worth.
 */
const PATIENCE = 1 / 20;

interface Entry {
  readonly input: FramedInput;
  readonly since: number;
  readonly resolve: (batched: Batched) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Puts concurrent images together. A full batch starts at once. A smaller one
 * starts when a session is idle and no image is on its way. Where a batch
 * fails, its images run one by one, so that one does no harm to the others.
 */
export class MicroBatcher {
  readonly #detect: Detect;
  readonly #options: Required<MicroBatcherOptions>;
  readonly #queue: Entry[] = [];
  #running = 0;
  #coming = 0;
  /** Milliseconds that the last batch took. */
  #lastTook = 0;
  #cancelTimer = () => {};
  #end: { readonly reason: unknown } | undefined;

  /**
   * Constructs a batcher.
   *
   * @param detect What looks at batches.
   */
  constructor(detect: Detect, options: MicroBatcherOptions) {
    this.#detect = detect;
    this.#options = {
      maxBytes: 64 << 20,
      delay: 3,
      sessions: 1,
      onMicroBatch: () => {},
      clock: SYSTEM_TIMER,
      ...options,
    };
  }

  /** Images whose batch has not started. */
  get waiting(): number {
    return this.#queue.length;
  }

  /**
   * Announces an image that is being decoded: a smaller batch waits a little.
   *
   * @returns Dispose of it once the image is submitted, or will not be.
   */
  announce(): Disposable {
    this.#coming++;
    let isOver = false;
    return {
      [Symbol.dispose]: () => {
        if (isOver) return;
        isOver = true;
        this.#coming--;
        this.#consider();
      },
    };
  }

  /**
   * Runs an image through the network, together with others.
   *
   * @param input The image.
   * @param signal Ends the wait; its image is taken out again, if its batch has
   * not started.
   * @returns Its maps and scores.
   */
  submit(input: FramedInput, signal?: AbortSignal): Promise<Batched> {
    if (this.#end !== undefined) return Promise.reject(this.#end.reason);
    const { promise, resolve, reject } = Promise.withResolvers<Batched>();
    const since = this.#options.clock.now();
    const entry = { input, since, resolve, reject };
    const abandon = () => this.#abandon(entry, signal?.reason);
    if (signal?.aborted) return Promise.reject(signal.reason);
    signal?.addEventListener("abort", abandon);
    this.#queue.push(entry);
    this.#consider();
    return promise.finally(() => signal?.removeEventListener("abort", abandon));
  }

  #abandon(entry: Entry, reason: unknown): void {
    const at = this.#queue.indexOf(entry);
    if (at >= 0) this.#queue.splice(at, 1);
    else if (this.#end !== undefined) return;
    entry.reject(reason);
  }

  /**
   * Refuses images that wait, and later ones; batches that run are answered.
   *
   * @param reason What their promises are rejected with.
   */
  stop(reason: unknown): void {
    this.#end = { reason };
    this.#cancelTimer();
    this.#queue.splice(0).forEach(({ reject }) => reject(reason));
  }

  /** Images of the next batch. */
  #nextSize(): number {
    const { maxItems, maxBytes } = this.#options;
    let bytes = 0;
    const over = this.#queue.findIndex(({ input }, i) => {
      bytes += input.pixels.length;
      return i > 0 && bytes > maxBytes;
    });
    return Math.min(over < 0 ? Infinity : over, this.#queue.length, maxItems);
  }

  #isFull(): boolean {
    const size = this.#nextSize();
    return size === this.#options.maxItems || size < this.#queue.length;
  }

  #consider(): void {
    const { sessions } = this.#options;
    // One full batch more than there are sessions lies ready for the next.
    while (this.#running <= sessions && this.#isFull()) this.#start();
    const first = this.#queue[0];
    if (first === undefined || this.#running >= sessions) return;
    const left = first.since + this.#delay() - this.#options.clock.now();
    this.#cancelTimer();
    if (left <= 0) return this.#start();
    const { clock } = this.#options;
    this.#cancelTimer = clock.after(left, () => this.#consider());
  }

  /** Milliseconds that a smaller batch waits for more. */
  #delay(): number {
    const { delay } = this.#options;
    return this.#coming === 0
      ? delay
      : Math.max(delay, PATIENCE * this.#lastTook);
  }

  #start(): void {
    this.#cancelTimer();
    const entries = this.#queue.splice(0, this.#nextSize());
    this.#running++;
    this.#run(entries).finally(() => {
      this.#running--;
      this.#consider();
    });
  }

  async #run(entries: readonly Entry[]): Promise<void> {
    const start = this.#options.clock.now();
    const detections = await this.#detections(entries).catch((reason) => {
      if (entries.length === 1) entries[0]!.reject(reason);
    });
    if (detections === undefined) {
      if (entries.length > 1) {
        for (const entry of entries) await this.#run([entry]);
      }
      return;
    }
    entries.forEach(({ since, resolve }, i) =>
      resolve({
        detection: detections[i]!,
        queueMilliseconds: start - since,
      })
    );
  }

  async #detections(entries: readonly Entry[]): Promise<Detection[]> {
    const start = this.#options.clock.now();
    let isAnswered = false;
    try {
      const detections = await this.#detect(entries.map(({ input }) => input));
      isAnswered = true;
      return detections;
    } finally {
      const milliseconds = this.#options.clock.now() - start;
      this.#lastTook = milliseconds;
      const size = entries.length;
      this.#options.onMicroBatch({ size, milliseconds, isAnswered });
    }
  }
}
