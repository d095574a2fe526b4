/**
 * A thread that lists, scores and merges batches: what takes long in it keeps
 * nobody else from an answer, and what takes too much ends it alone.
 *
 * @module
 */
import { unlessAborted } from "../../../async/abortable.ts";
import type { ShardDetector } from "../../../batch/run.ts";
import type { Stores } from "../../../batch/stores.ts";
import type { ShardOutcome, ShardProgress } from "../../../batch/work.ts";
import { DataSetError } from "../../../data/sample.ts";
import type {
  MergeAnswer,
  PlanAnswer,
  PlanRequest,
} from "./batch_thread_worker.ts";
import { Calls } from "./calls.ts";
import { startThread, type Thread } from "../../start_thread.ts";
import { detectorMethods, factsOf } from "./remote_detector.ts";
import { storeMethods } from "./remote_store.ts";

/** Milliseconds between two looks whether the thread still answers. */
const PING_MILLISECONDS = 5000;

/** Milliseconds that the end of the thread waits for native code. */
const REST_MILLISECONDS = 10_000;

/** What a {@linkcode BatchThread} is made of. */
export interface BatchThreadParts {
  /** Opens any address; the thread itself asks for allowed ones only. */
  readonly stores: Stores;
  /** Looks at images. */
  readonly detector: ShardDetector;
  /** Bytes that lists of images and results may take in the thread. */
  readonly bytes: number;
  /**
   * Milliseconds that one step may keep the thread from answering. One that is
   * out of memory does not always say so: it only answers no more.
   */
  readonly stepMilliseconds: number;
}

function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && "code" in error &&
    error.code === "ERR_WORKER_OUT_OF_MEMORY";
}

/** One thread; it works on one batch at a time. */
export class BatchThread implements AsyncDisposable {
  readonly #parts: BatchThreadParts;
  readonly #thread: Thread;
  readonly #calls: Calls;
  readonly #pings: ReturnType<typeof setInterval>;
  #lastAnswer = performance.now();
  #onProgress: (progress: ShardProgress) => void = () => {};
  /** Whether it has looked at images, with native code. */
  #hasImages = false;
  #isOver = false;

  /** Starts the thread. */
  constructor(parts: BatchThreadParts) {
    this.#parts = parts;
    const { stores, detector, bytes } = parts;
    const url = new URL("./batch_thread_worker.ts", import.meta.url);
    this.#thread = startThread(url, bytes);
    const { worker, port } = this.#thread;
    this.#calls = new Calls(port, {
      ...storeMethods(stores),
      ...detectorMethods(detector),
      progress: ([progress]) => {
        this.#onProgress(progress as ShardProgress);
        return Promise.resolve();
      },
    });
    worker.on("error", (error: unknown) => this.#failed(error));
    worker.on("exit", () => this.#failed(undefined));
    this.#pings = setInterval(
      () => this.#ping(),
      Math.min(PING_MILLISECONDS, parts.stepMilliseconds),
    );
  }

  /** Whether it has ended, of itself or closed. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /**
   * Plans a batch.
   *
   * @param request What to plan.
   * @throws {DataSetError} As `planRun` does, or if it takes too much.
   */
  async plan(
    request: Omit<PlanRequest, "detector">,
    signal: AbortSignal,
  ): Promise<PlanAnswer> {
    const detector = factsOf(this.#parts.detector);
    return await this.#calls.call("plan", [{ ...request, detector }], {
      signal,
    });
  }

  /**
   * Scores a shard of the batch that was planned last. The signal lets it end
   * in its time of grace.
   *
   * @throws {Error} As `runShard` does.
   */
  async score(
    request: { readonly shard: number; readonly batchSize: number },
    { signal, onProgress }: {
      readonly signal: AbortSignal;
      readonly onProgress: (progress: ShardProgress) => void;
    },
  ): Promise<ShardOutcome> {
    this.#onProgress = onProgress;
    this.#hasImages = true;
    return await this.#calls.call("score", [request], { signal, waits: true });
  }

  /**
   * Merges the batch that was planned last.
   *
   * @throws {Error} As `mergeRun` does.
   */
  async merge(signal: AbortSignal): Promise<MergeAnswer> {
    this.#hasImages = true;
    return await this.#calls.call("merge", [], { signal });
  }

  /** Ends the thread, once no native code works for it any more. */
  async close(): Promise<void> {
    if (this.#hasImages) {
      const rest = this.#calls.call("rest", []).catch(() => {});
      await unlessAborted(rest, AbortSignal.timeout(REST_MILLISECONDS));
    }
    this.#failed(undefined);
    await this.#thread.end();
  }

  /** Ends the thread. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #ping(): void {
    const { stepMilliseconds } = this.#parts;
    this.#calls.call("ping", []).then(() => {
      this.#lastAnswer = performance.now();
    }, () => {});
    if (performance.now() - this.#lastAnswer < stepMilliseconds) return;
    this.#end(this.#tooMuch());
    this.#thread.end();
  }

  #failed(error: unknown): void {
    const reason = error instanceof Error ? error.message : "it was closed";
    this.#end(
      isOutOfMemory(error)
        ? this.#tooMuch()
        : new Error(`Cannot go on with the batch as ${reason}`),
    );
  }

  #tooMuch(): DataSetError {
    const { bytes, stepMilliseconds } = this.#parts;
    return new DataSetError(
      `Cannot go on with the batch as its list of images must fit into ${
        Math.round(bytes / 1e6)
      } MB of memory, and no step with it take more than ${
        stepMilliseconds / 1000
      } seconds: divide it`,
    );
  }

  #end(error: Error): void {
    this.#isOver = true;
    clearInterval(this.#pings);
    this.#calls.end(error);
  }
}
