/**
 * Workers that decode and resize images.
 *
 * @module
 */
import { ImageDecodeError } from "./image.ts";
import type {
  DecodeRequest,
  DecodeResponse,
  ResizedImage,
} from "./decode_worker.ts";

export type { ResizedImage } from "./decode_worker.ts";

/** Options of {@linkcode DecodePool}. */
export interface DecodePoolOptions {
  /** Images that are decoded at a time. */
  readonly workers: number;
}

/** What {@linkcode DecodePool.decode} is asked. */
export interface PoolDecodeOptions extends Omit<DecodeRequest, "bytes"> {
  /** Ends the wait, with its reason. */
  readonly signal?: AbortSignal | undefined;
}

interface Job {
  readonly request: DecodeRequest;
  readonly resolve: (image: ResizedImage) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * A pool of workers that decode and resize images. Workers start when they are
 * first needed.
 *
 * A worker whose image is no longer wanted cannot be ended at once: sharp works
 * in native threads, and the process crashes when their worker is gone before
 * they end. Such a worker gets no more images, another one takes its place, and
 * it ends with its image. `DecodeLimits` bound the time that takes. There are
 * at most twice as many workers as images at a time; then images wait.
 */
export class DecodePool implements Disposable {
  readonly #workers: number;
  readonly #queue: Job[] = [];
  readonly #idle: Worker[] = [];
  readonly #running = new Map<Worker, Job>();
  readonly #retired = new Set<Worker>();
  #isClosed = false;

  /** Constructs a pool without workers. */
  constructor({ workers }: DecodePoolOptions) {
    if (!Number.isInteger(workers) || workers < 1) {
      throw new RangeError(
        `Cannot decode images as the number of workers must be a positive integer: current value is ${workers}`,
      );
    }
    this.#workers = workers;
  }

  /** Images that wait for a worker. */
  get waiting(): number {
    return this.#queue.length;
  }

  /** Workers that still decode an image that nobody waits for. */
  get retired(): number {
    return this.#retired.size;
  }

  /**
   * Decodes an image and resizes it to the model's square.
   *
   * @param bytes The file's bytes; they are copied to the worker.
   * @param options The side, how to decode, and what ends the wait.
   * @returns The image.
   * @throws {ImageDecodeError} If the file is not an image that is read.
   * @throws {Error} If a worker fails, or the pool was closed.
   */
  async decode(
    bytes: Uint8Array,
    { signal, ...how }: PoolDecodeOptions,
  ): Promise<ResizedImage> {
    signal?.throwIfAborted();
    if (this.#isClosed) throw closedError();
    const { promise, resolve, reject } = Promise.withResolvers<ResizedImage>();
    const job: Job = { request: { bytes, ...how }, resolve, reject };
    const abandon = () => this.#abandon(job, signal?.reason);
    signal?.addEventListener("abort", abandon);
    this.#queue.push(job);
    this.#start();
    try {
      return await promise;
    } finally {
      signal?.removeEventListener("abort", abandon);
    }
  }

  /** Ends all workers, each once its image is done, and fails what waits. */
  close(): void {
    this.#isClosed = true;
    for (const { reject } of this.#queue.splice(0)) reject(closedError());
    for (const [worker, { reject }] of this.#running) {
      reject(closedError());
      this.#retired.add(worker);
    }
    this.#running.clear();
    for (const worker of this.#idle.splice(0)) worker.terminate();
  }

  /** Closes the pool. */
  [Symbol.dispose](): void {
    this.close();
  }

  #start(): void {
    while (this.#queue.length > 0 && this.#hasRoom()) {
      const worker = this.#idle.pop() ?? this.#spawn();
      const job = this.#queue.shift()!;
      this.#running.set(worker, job);
      worker.postMessage(job.request);
    }
  }

  #hasRoom(): boolean {
    return this.#running.size < this.#workers &&
      this.#running.size + this.#retired.size < 2 * this.#workers;
  }

  #spawn(): Worker {
    const url = new URL("./decode_worker.ts", import.meta.url);
    const worker = new Worker(url, { type: "module" });
    worker.onmessage = ({ data }: MessageEvent<DecodeResponse>) => {
      const job = this.#release(worker);
      if (job === undefined) worker.terminate();
      else this.#idle.push(worker);
      if ("image" in data) job?.resolve(data.image);
      else job?.reject(errorOf(data));
      this.#start();
    };
    worker.onerror = (event) => {
      event.preventDefault();
      const job = this.#release(worker);
      worker.terminate();
      job?.reject(new Error(`Cannot decode the image as ${event.message}`));
      this.#start();
    };
    return worker;
  }

  /** Takes a worker out of the books; its job, where somebody waits for it. */
  #release(worker: Worker): Job | undefined {
    const job = this.#running.get(worker);
    this.#running.delete(worker);
    this.#retired.delete(worker);
    return job;
  }

  #abandon(job: Job, reason: unknown): void {
    job.reject(reason);
    const at = this.#queue.indexOf(job);
    if (at >= 0) this.#queue.splice(at, 1);
    for (const [worker, running] of this.#running) {
      if (running !== job) continue;
      this.#running.delete(worker);
      this.#retired.add(worker);
    }
    this.#start();
  }
}

function closedError(): Error {
  return new Error("Cannot decode the image as the pool was closed");
}

function errorOf(
  { error, reason }: Exclude<DecodeResponse, { image: ResizedImage }>,
): Error {
  return reason === undefined
    ? new Error(error)
    : new ImageDecodeError(error, { reason });
}
