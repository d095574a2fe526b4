/**
 * Finds batches to work on.
 *
 * @module
 */
import { importLate } from "../../async/import_late.ts";
import { StorageError } from "../../storage/object_store.ts";
import { type BatchRecord, isOver, MAX_WORKER_FAILURES } from "./record.ts";
import type { BatchThread } from "./thread/batch_thread.ts";
import { BatchWorker, type WorkerParts } from "./worker.ts";

/** Options of {@linkcode BatchRunner}. */
export interface BatchRunnerOptions {
  /** Milliseconds between two looks at the list of batches. */
  readonly pollMilliseconds: number;
  /** Milliseconds without a sign of life after which a worker is dead. */
  readonly deadMilliseconds: number;
  /** Called with each defect. */
  readonly onError: (error: unknown) => void;
}

const GIVEN_UP = "Cannot go on with the batch as it must end before its " +
  `workers have failed or died ${MAX_WORKER_FAILURES} times: the last one died, ` +
  "perhaps because of an image or because the memory was full";

/** Whether nobody works on a batch. */
function isFree({ status }: BatchRecord, lastClaim: number): boolean {
  return status.isFree && status.claim === lastClaim;
}

interface Sighting {
  readonly mark: string;
  readonly since: number;
}

/**
 * Works on batches, one after another. Several replicas may look at the same
 * list: a claim is created by one of them only, and what a dead one has begun
 * another one goes on with. Time is measured by this process alone, so clocks
 * need not agree.
 */
export class BatchRunner {
  readonly #parts: WorkerParts;
  readonly #options: BatchRunnerOptions;
  readonly #name = crypto.randomUUID();
  readonly #seen = new Map<string, Sighting>();
  #worker: BatchWorker | undefined;
  /** Does the work of the batches of one look. */
  #thread: BatchThread | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #turn: Promise<void> | undefined;
  #isStopped = false;

  /**
   * Constructs a runner that does nothing yet.
   *
   * @param parts Detector, stores and settings.
   */
  constructor(parts: WorkerParts, options: BatchRunnerOptions) {
    this.#parts = parts;
    this.#options = options;
  }

  /** Looks at the list now, and from time to time from now on. */
  wake(): void {
    if (this.#isStopped || this.#turn !== undefined) return;
    clearTimeout(this.#timer);
    this.#turn = this.#look().finally(() => {
      this.#turn = undefined;
      if (this.#isStopped) return;
      const { pollMilliseconds } = this.#options;
      this.#timer = setTimeout(() => this.wake(), pollMilliseconds);
    });
  }

  /** Ends; what was begun is left for another replica, or the next start. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    this.#worker?.stop();
    await this.#turn;
  }

  async #look(): Promise<void> {
    try {
      const ids = await this.#parts.jobs.active();
      for (const id of this.#seen.keys()) {
        if (!ids.includes(id)) this.#seen.delete(id);
      }
      for (const id of ids) {
        if (this.#isStopped) return;
        // One that cannot be read keeps no other from its turn.
        await this.#consider(id).catch((error) => this.#failed(error));
      }
    } catch (error) {
      this.#failed(error);
    } finally {
      await this.#thread?.close();
      this.#thread = undefined;
    }
  }

  /** The thread; another one where the last has ended. */
  async #openThread(): Promise<BatchThread> {
    if (this.#thread?.isOver === false) return this.#thread;
    const { BatchThread } = await importLate<
      typeof import("./thread/batch_thread.ts")
    >(new URL("./thread/batch_thread.ts", import.meta.url));
    const { stores, detector, limits } = this.#parts;
    return this.#thread = new BatchThread({
      stores,
      detector,
      bytes: limits.batchBytes,
      stepMilliseconds: limits.batchStepMilliseconds,
    });
  }

  #failed(error: unknown): void {
    if (!(error instanceof StorageError)) this.#options.onError(error);
  }

  async #consider(id: string): Promise<void> {
    const { jobs } = this.#parts;
    const record = await jobs.read(id);
    if (record === null || isOver(record.status.state)) {
      return await jobs.retire(id);
    }
    const last = await jobs.lastClaim(id);
    const wasFree = isFree(record, last);
    if (!wasFree && !this.#isDead(record, last)) return;
    const claim = last + 1;
    if (!await jobs.claim(id, claim, this.#name)) return;
    const { job, status } = record;
    // Who stops by itself sets the batch free; all others have died with it.
    const failures = status.failures + Number(!wasFree);
    const taken = { job, status: { ...status, claim, failures } };
    await (failures < MAX_WORKER_FAILURES
      ? this.#work(taken)
      : this.#giveUp(taken));
  }

  async #work(record: BatchRecord): Promise<void> {
    const thread = await this.#openThread();
    this.#worker = new BatchWorker(this.#parts, thread, record);
    if (this.#isStopped) this.#worker.stop();
    try {
      await this.#worker.run();
    } finally {
      this.#worker = undefined;
    }
  }

  async #giveUp({ job, status }: BatchRecord): Promise<void> {
    const { jobs } = this.#parts;
    const isCancelled = await jobs.isCancelled(job.id);
    await jobs.finish(job.id, {
      ...status,
      state: isCancelled ? "cancelled" : "failed",
      secondsLeft: null,
      updated: new Date().toISOString(),
      isFree: true,
      error: isCancelled ? null : GIVEN_UP,
    });
  }

  /** Whether the worker of a batch has given no sign of life for long. */
  #isDead({ job, status }: BatchRecord, lastClaim: number): boolean {
    const mark = `${status.beat} ${lastClaim}`;
    const now = performance.now();
    const seen = this.#seen.get(job.id);
    if (seen?.mark !== mark) {
      this.#seen.set(job.id, { mark, since: now });
      return false;
    }
    return now - seen.since > this.#options.deadMilliseconds;
  }
}
