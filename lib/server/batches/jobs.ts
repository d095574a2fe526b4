/**
 * Batches in object storage, where every replica finds them.
 *
 * `jobs/<id>/job.json` is what was asked for and `status.json` where it
 * stands; `final.json` is created once it is over, and nothing that is written
 * late changes it; `claims/<n>` are created by the workers that take it, each n
 * by one only; `cancel` asks the worker to end. `active/<id>` exists until it
 * is over.
 *
 * @module
 */
import type { ObjectStore, StoreOptions } from "../../storage/object_store.ts";
import {
  BatchJobSchema,
  type BatchRecord,
  type BatchRequest,
  type BatchStatus,
  BatchStatusSchema,
  isOver,
  newStatus,
} from "./record.ts";
import { readStoredJson } from "./read_stored_json.ts";

const ID_REGEXP = /^\d{14}-[0-9a-f]{12}$/;
const CLAIM_DIGITS = 6;

function encode(value: unknown): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${JSON.stringify(value)}\n`);
}

function newId(now: Date): string {
  const time = now.toISOString().replaceAll(/\D/g, "").slice(0, 14);
  const random = crypto.getRandomValues(new Uint8Array(6)).toHex();
  return `${time}-${random}`;
}

/** All batches of one place in storage. */
export class BatchJobs {
  readonly #store: ObjectStore;

  /**
   * Constructs a view of the batches.
   *
   * @param store Where they are kept.
   */
  constructor(store: ObjectStore) {
    this.#store = store;
  }

  /**
   * Adds a batch.
   *
   * @returns The batch, which waits for a worker.
   */
  async create(
    request: BatchRequest,
    options: StoreOptions = {},
  ): Promise<BatchRecord> {
    const now = new Date();
    const job = { ...request, id: newId(now), created: now.toISOString() };
    const status = newStatus(job.created);
    await this.#store.put(`jobs/${job.id}/job.json`, encode(job), options);
    await this.write(job.id, status, options);
    await this.#store.put(`active/${job.id}`, encode(job.id), options);
    return { job, status };
  }

  /**
   * Reads a batch.
   *
   * @returns The batch; `null` if it does not exist.
   */
  async read(
    id: string,
    options: StoreOptions = {},
  ): Promise<BatchRecord | null> {
    if (!ID_REGEXP.test(id)) return null;
    const folder = `jobs/${id}`;
    const job = await readStoredJson(this.#store, `${folder}/job.json`, {
      ...options,
      schema: BatchJobSchema,
    });
    if (job === null) return null;
    const waiting = newStatus(job.created);
    const [final, last] = await Promise.all(
      ["final.json", "status.json"].map((name) =>
        readStoredJson(this.#store, `${folder}/${name}`, {
          ...options,
          schema: BatchStatusSchema,
          defaults: waiting,
        })
      ),
    );
    return { job, status: final ?? last ?? waiting };
  }

  /**
   * Writes where a batch stands that is not over.
   *
   * @param status Where it stands.
   */
  async write(
    id: string,
    status: BatchStatus,
    options: StoreOptions = {},
  ): Promise<void> {
    const contentType = "application/json";
    await this.#store.put(`jobs/${id}/status.json`, encode(status), {
      ...options,
      contentType,
    });
  }

  /**
   * Writes how a batch ended, and takes it from the list. What was written
   * before stays: a worker may be slow to learn that another one has ended it.
   *
   * @param status How it ended.
   * @returns Whether it ended so; false where it had ended before.
   */
  async finish(id: string, status: BatchStatus): Promise<boolean> {
    const path = `jobs/${id}/final.json`;
    const contentType = "application/json";
    const isFirst = await this.#store.create(path, encode(status), {
      contentType,
    });
    await this.retire(id);
    return isFirst;
  }

  /** The ids of batches that are not over, the oldest first. */
  async active(options: StoreOptions = {}): Promise<string[]> {
    const ids: string[] = [];
    for await (const { key } of this.#store.list("active/", options)) {
      const id = key.slice("active/".length);
      if (ID_REGEXP.test(id)) ids.push(id);
    }
    return ids;
  }

  /** Takes a batch that is over from the list. */
  async retire(id: string, options: StoreOptions = {}): Promise<void> {
    await this.#store.delete(`active/${id}`, options);
  }

  /** Asks whoever works on a batch to end. */
  async cancel(id: string, options: StoreOptions = {}): Promise<void> {
    await this.#store.put(`jobs/${id}/cancel`, encode(id), options);
  }

  /**
   * Ends a batch that no worker has, by taking it from all of them.
   *
   * @returns Where it stands then.
   */
  async cancelWaiting({ job, status }: BatchRecord): Promise<BatchRecord> {
    const claim = status.claim + 1;
    const isFree = status.isFree && !isOver(status.state) &&
      await this.lastClaim(job.id) < claim &&
      await this.claim(job.id, claim, "cancelled");
    if (!isFree) return { job, status };
    const updated = new Date().toISOString();
    const ended = { ...status, state: "cancelled", claim, updated } as const;
    if (await this.finish(job.id, ended)) return { job, status: ended };
    return await this.read(job.id) ?? { job, status: ended };
  }

  /** Whether {@linkcode BatchJobs.cancel} was called. */
  async isCancelled(id: string, options: StoreOptions = {}): Promise<boolean> {
    return await this.#store.head(`jobs/${id}/cancel`, options) !== null;
  }

  /** The number of the last claim; 0 where there is none. */
  async lastClaim(id: string, options: StoreOptions = {}): Promise<number> {
    const prefix = `jobs/${id}/claims/`;
    let last = 0;
    for await (const { key } of this.#store.list(prefix, options)) {
      last = Math.max(last, Number(key.slice(prefix.length)) || 0);
    }
    return last;
  }

  /**
   * Takes a batch to work on.
   *
   * @param claim One more than the last claim.
   * @param worker A name of no other worker.
   * @returns Whether it was taken by this worker.
   */
  async claim(
    id: string,
    claim: number,
    worker: string,
  ): Promise<boolean> {
    const name = `${claim}`.padStart(CLAIM_DIGITS, "0");
    const path = `jobs/${id}/claims/${name}`;
    return await this.#store.create(path, encode({ worker }));
  }
}
