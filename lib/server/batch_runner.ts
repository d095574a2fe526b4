/**
 * Finds batches to work on.
 *
 * @module
 */
import { StorageError } from "../storage/object_store.ts";
import type { BatchRecord } from "./batch_record.ts";
import { isOver } from "./batch_record.ts";
import { BatchWorker, type WorkerParts } from "./batch_worker.ts";

/** Options of {@linkcode BatchRunner}. */
export interface BatchRunnerOptions {
  /** Milliseconds between two looks at the list of batches. */
  readonly pollMilliseconds: number;
  /** Milliseconds without a sign of life after which a worker is dead. */
  readonly deadMilliseconds: number;
  /** Told of defects. */
  readonly onError: (error: unknown) => void;
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
  #timer: ReturnType<typeof setTimeout> | undefined;
  #turn: Promise<void> | undefined;
  #isStopped = false;

  /**
   * Constructs a runner that does nothing yet.
   *
   * @param parts Detector, stores and settings
   * @param options How often to look
   */
  constructor(parts: WorkerParts, options: BatchRunnerOptions) {
    this.#parts = parts;
    this.#options = options;
  }

  /** Looks at the list now, and from time to time from now on. */
  poke(): void {
    if (this.#isStopped || this.#turn !== undefined) return;
    clearTimeout(this.#timer);
    this.#turn = this.#look().finally(() => {
      this.#turn = undefined;
      if (this.#isStopped) return;
      const { pollMilliseconds } = this.#options;
      this.#timer = setTimeout(() => this.poke(), pollMilliseconds);
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
    }
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
    if (!this.#isAbandoned(record, last)) return;
    if (!await jobs.claim(id, last + 1, this.#name)) return;
    this.#worker = new BatchWorker(this.#parts, record, last + 1);
    if (this.#isStopped) this.#worker.stop();
    try {
      await this.#worker.run();
    } finally {
      this.#worker = undefined;
    }
  }

  /** Whether nobody works on a batch, or nobody who lives. */
  #isAbandoned({ job, status }: BatchRecord, lastClaim: number): boolean {
    if (status.isFree && status.claim === lastClaim) return true;
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
