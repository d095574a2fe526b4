/**
 * One batch, from its list of images to its report.
 *
 * @module
 */
import type {
  PlanOptions,
  RunSettings,
  ShardDetector,
} from "../../batch/run.ts";
import type { Stores } from "../../batch/stores.ts";
import { StorageError } from "../../storage/object_store.ts";
import type { AllowedStores } from "../requests/allowed_stores.ts";
import type { BatchJobs } from "./jobs.ts";
import {
  type BatchJob,
  type BatchRecord,
  type BatchStatus,
  isOver,
  MAX_WORKER_FAILURES,
} from "./record.ts";
import type { Limits } from "../limits.ts";
import type { ServerMetrics } from "../server_metrics.ts";
import type { BatchThread } from "./thread/batch_thread.ts";

/** What a worker is made of. */
export interface WorkerParts {
  /** Where batches are kept. */
  readonly jobs: BatchJobs;
  /** Open any address, whether it is allowed or not. */
  readonly stores: Stores;
  /** Addresses that may be read. */
  readonly input: AllowedStores;
  /** Addresses that may be written. */
  readonly output: AllowedStores;
  /** Looks at images. */
  readonly detector: ShardDetector;
  /** The only categories there are; any where it is empty. */
  readonly categories: readonly string[];
  /** What decides on the numbers. */
  readonly settings: RunSettings;
  /** Bounds; that on pixels holds for batches too. */
  readonly limits: Limits;
  /** Counts. */
  readonly metrics: ServerMetrics;
  /** Images per call of the detector. */
  readonly batchSize: number;
  /** Milliseconds between two signs of life. */
  readonly beatMilliseconds: number;
}

/** Why a worker ends before the batch is over. */
type Ending = "cancelled" | "taken" | "stopped";

function isTransient(error: unknown): boolean {
  if (error instanceof StorageError) return error.failure === "unavailable";
  return error instanceof Error && error.name === "SessionError";
}

function planOptions(
  job: BatchJob,
  { settings, categories: allowed, limits }: WorkerParts,
): Omit<PlanOptions, "good" | "signal"> {
  const { limit, object, since } = job.options ?? {};
  const only = allowed.length > 0 ? allowed : undefined;
  const categories = job.options?.categories ?? only;
  return {
    ...settings,
    maxPixels: limits.pixels,
    job: job.id,
    ...categories && { categories },
    ...limit !== undefined && { limit },
    ...object !== undefined && { object },
    ...since !== undefined && { since },
  };
}

/** Works on one batch that it has claimed. */
export class BatchWorker {
  readonly #parts: WorkerParts;
  readonly #thread: BatchThread;
  readonly #job: BatchJob;
  readonly #status: BatchStatus;
  readonly #controller = new AbortController();
  #ending: Ending | undefined;

  /**
   * Constructs a worker.
   *
   * @param parts Detector, stores and settings.
   * @param thread Does the work.
   * @param record The batch, with the claim by which it was taken.
   */
  constructor(
    parts: WorkerParts,
    thread: BatchThread,
    { job, status }: BatchRecord,
  ) {
    this.#parts = parts;
    this.#thread = thread;
    this.#job = job;
    this.#status = { ...status, isFree: false, error: null };
  }

  /** Ends the work so that another worker can go on at once. */
  stop(): void {
    this.#end("stopped");
  }

  /** Works until the batch is over, or {@linkcode BatchWorker.stop}. */
  async run(): Promise<void> {
    const done = Promise.withResolvers<void>();
    const life = this.#live(done.promise);
    try {
      await this.#work();
    } catch (error) {
      this.#failed(error);
    } finally {
      done.resolve();
      await life;
    }
    // What another worker has taken is not this one's to write any more.
    if (this.#ending === "taken" || await this.#isTaken()) return;
    this.#status.isFree = true;
    if (!isOver(this.#status.state)) return await this.#write();
    this.#touch();
    await this.#parts.jobs.finish(this.#job.id, this.#status);
  }

  async #work(): Promise<void> {
    const { input, output } = this.#parts;
    const { signal } = this.#controller;
    await this.#enter("planning");
    const { run, total, shards } = await this.#thread.plan({
      input: await input.check(this.#job.input),
      output: this.#job.output,
      allowInput: input.folders,
      allowOutput: output.folders,
      options: planOptions(this.#job, this.#parts),
    }, signal);
    Object.assign(this.#status, { run, total });
    await this.#enter("running");
    for (let shard = 0; shard < shards; shard++) await this.#score(shard);
    this.#status.secondsLeft = null;
    await this.#enter("merging");
    const merged = await this.#thread.merge(signal);
    Object.assign(this.#status, {
      ...merged,
      state: "succeeded",
      done: merged.images,
      total: merged.images,
    });
  }

  async #score(shard: number): Promise<void> {
    const { batchSize, metrics } = this.#parts;
    const { signal } = this.#controller;
    const count = metrics.countBatch();
    const start = performance.now();
    const outcome = await this.#thread.score({ shard, batchSize }, {
      signal,
      onProgress: (progress) => {
        const { done, total, resumed, errors } = progress;
        const seconds = (performance.now() - start) / 1000;
        const rate = (done - resumed) / seconds;
        this.#status.done = done;
        this.#status.errors = errors;
        this.#status.secondsLeft = rate > 0 ? (total - done) / rate : null;
        count(progress);
      },
    });
    // The errors of the last part are known once it is stored.
    count(outcome);
    if (outcome.stopped) throw signal.reason;
  }

  #failed(error: unknown): void {
    if (this.#ending === "cancelled") {
      this.#status.state = "cancelled";
    } else if (this.#ending === undefined) {
      const isWorthIt = isTransient(error);
      if (isWorthIt) this.#status.failures++;
      const willRetry = isWorthIt &&
        this.#status.failures < MAX_WORKER_FAILURES;
      this.#status.error = error instanceof Error
        ? error.message
        : String(error);
      this.#status.state = willRetry ? "queued" : "failed";
    }
    this.#status.secondsLeft = null;
  }

  #end(ending: Ending): void {
    this.#ending ??= ending;
    const message = `The batch was ${ending}`;
    this.#controller.abort(new DOMException(message, "AbortError"));
  }

  async #enter(state: BatchStatus["state"]): Promise<void> {
    this.#controller.signal.throwIfAborted();
    this.#status.state = state;
    await this.#write();
  }

  #touch(): void {
    this.#status.beat++;
    this.#status.updated = new Date().toISOString();
  }

  async #write(): Promise<void> {
    this.#touch();
    await this.#parts.jobs.write(this.#job.id, this.#status);
  }

  async #isTaken(): Promise<boolean> {
    const { jobs } = this.#parts;
    return await jobs.lastClaim(this.#job.id) > this.#status.claim;
  }

  /** Gives signs of life, and looks whether the work is still wanted. */
  async #live(done: Promise<void>): Promise<void> {
    const { jobs, beatMilliseconds } = this.#parts;
    const { id } = this.#job;
    let isDone = false;
    done.then(() => isDone = true);
    while (!isDone) {
      try {
        if (await jobs.isCancelled(id)) this.#end("cancelled");
        if (await this.#isTaken()) this.#end("taken");
        if (this.#ending !== "taken" && !isDone) await this.#write();
      } catch (error) {
        if (!(error instanceof StorageError)) throw error;
      }
      await pause(beatMilliseconds, done);
    }
  }
}

async function pause(milliseconds: number, early: Promise<void>) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([late, early]);
  clearTimeout(timer);
}
