/**
 * Workers that decode and resize images.
 *
 * @module
 */
import { Semaphore, type Units } from "../async/semaphore.ts";
import { ImageDecodeError, type ImageSize } from "../image/image.ts";
import type {
  DecodePermit,
  DecodeRequest,
  DecodeResponse,
  ResizedImage,
} from "./decode_worker.ts";

export type { ResizedImage } from "./decode_worker.ts";

/** Options of {@linkcode DecodePool}. */
export interface DecodePoolOptions {
  /** Images that are decoded at a time. */
  readonly workers: number;
  /**
   * Bytes that decoded images may take at a time; one image always fits.
   *
   * @default {512 MiB}
   */
  readonly memory?: number;
}

/** RGB, and what it is made of or turned into. */
const BYTES_PER_PIXEL = 6;

/** What {@linkcode DecodePool.decode} is asked. */
export interface PoolDecodeOptions extends Omit<DecodeRequest, "bytes"> {
  /** Ends the wait, with its reason. */
  readonly signal?: AbortSignal | undefined;
}

interface Job {
  readonly request: DecodeRequest;
  readonly resolve: (image: ResizedImage) => void;
  readonly reject: (reason: unknown) => void;
  readonly signal: AbortSignal | undefined;
  /** The memory of the decoded image. */
  units?: Units;
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
 *
 * A worker reads the header of an image, and waits until there is memory for
 * its pixels. They count until the worker is done, wanted or not.
 */
export class DecodePool implements Disposable {
  readonly #workers: number;
  readonly #queue: Job[] = [];
  readonly #idle: Worker[] = [];
  readonly #running = new Map<Worker, Job>();
  readonly #retired = new Map<Worker, Job>();
  readonly #memory: Semaphore;
  #isClosed = false;

  /** Constructs a pool without workers. */
  constructor({ workers, memory = 512 << 20 }: DecodePoolOptions) {
    if (!Number.isInteger(workers) || workers < 1) {
      throw new RangeError(
        `Cannot decode images as the number of workers must be a positive integer: current value is ${workers}`,
      );
    }
    this.#workers = workers;
    this.#memory = new Semaphore(memory);
  }

  /** Images that wait for a worker. */
  get waiting(): number {
    return this.#queue.length;
  }

  /** Workers that still decode an image that nobody waits for. */
  get retired(): number {
    return this.#retired.size;
  }

  /** Starts a worker before an image comes, unless there is one. */
  startWorker(): void {
    if (this.#isClosed || this.#idle.length + this.#running.size > 0) return;
    this.#idle.push(this.#spawn());
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
    // What is part of a larger buffer would take a copy of all of it along.
    const isPart = bytes.byteLength < bytes.buffer.byteLength;
    const request = { bytes: isPart ? bytes.slice() : bytes, ...how };
    const job: Job = { request, resolve, reject, signal };
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
    for (const [worker, job] of this.#running) {
      job.reject(closedError());
      this.#retired.set(worker, job);
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
      if ("size" in data) {
        this.#permit(worker, data.size);
        return;
      }
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

  /** Lets a worker go on once there is memory for its image. */
  async #permit(
    worker: Worker,
    { width, height }: ImageSize,
  ): Promise<void> {
    const job = this.#running.get(worker);
    const bytes = width * height * BYTES_PER_PIXEL;
    const units = job &&
      await this.#memory.acquire(bytes, job.signal).catch(() => undefined);
    const isGranted = units !== undefined && this.#running.get(worker) === job;
    if (isGranted) job!.units = units;
    else units?.[Symbol.dispose]();
    worker.postMessage({ isGranted } satisfies DecodePermit);
  }

  /** Takes a worker out of the books; its job, where somebody waits for it. */
  #release(worker: Worker): Job | undefined {
    const job = this.#running.get(worker);
    (job ?? this.#retired.get(worker))?.units?.[Symbol.dispose]();
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
      this.#retired.set(worker, job);
    }
    this.#start();
  }
}

function closedError(): Error {
  return new Error("Cannot decode the image as the pool was closed");
}

function errorOf(
  { error, reason }: Extract<DecodeResponse, { error: string }>,
): Error {
  return reason === undefined
    ? new Error(error)
    : new ImageDecodeError(error, { reason });
}
