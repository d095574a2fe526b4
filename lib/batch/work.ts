/**
 * Scoring one shard of a run.
 *
 * @module
 */
import { unlessAborted } from "../async/abortable.ts";
import { findPart, readChain, storeErrors } from "./chain.ts";
import { assertLearned } from "./good.ts";
import { Grace, GRACE_SECONDS } from "./grace.ts";
import { OpenPart } from "./open_part.ts";
import { encodePart, type Part, partKey } from "./part.ts";
import { RunError } from "./run_error.ts";
import { scorePlanItems } from "./score_plan_items.ts";
import type { Plan, RunDetector } from "./run.ts";
import { type ShardRange, shardRange } from "./shard_range.ts";
import type { Stores } from "./stores.ts";
import type { PromptWords } from "../results/summary.ts";

/** Progress of a shard. */
export interface ShardProgress {
  /** Images done, those of earlier attempts included. */
  readonly done: number;
  /** Images of the shard. */
  readonly total: number;
  /** Images done by earlier attempts. */
  readonly resumed: number;
  /** Images without a score, those of earlier attempts included. */
  readonly errors: number;
}

/** Options of {@linkcode runShard}. */
export interface RunShardOptions {
  /** Which shard, counted from 0. */
  readonly shard: number;
  /** Opens the input. */
  readonly stores: Stores;
  /**
   * Images per call of the detector.
   *
   * @default {1}
   */
  readonly batchSize?: number;
  /**
   * Images per part. A worker that is killed loses at most one part.
   *
   * @default {256}
   */
  readonly partImages?: number;
  /**
   * Seconds after which a part is written even if it is not full.
   *
   * @default {60}
   */
  readonly partSeconds?: number;
  /**
   * Stops the shard: no more images are started. Images under way may take
   * `graceSeconds` more; then everything that is done is written.
   */
  readonly signal?: AbortSignal;
  /**
   * Seconds that images under way may take after the signal. Writing the last
   * part may take another two fifths of that.
   *
   * @default {5}
   */
  readonly graceSeconds?: number;
  /** Called at the start, and after each image. */
  readonly onProgress?: (progress: ShardProgress) => void;
}

/** The end of a shard. */
export interface ShardOutcome extends ShardProgress {
  /** Whether the signal ended it before its last image. */
  readonly stopped: boolean;
}

/** One worker on one shard. */
class ShardWorker {
  readonly #detector: RunDetector;
  readonly #plan: Plan;
  readonly #options: RunShardOptions;
  readonly #range: ShardRange;
  readonly #grace: Grace;
  /** Position after the last image whose part is stored. */
  #next: number;
  #resumed = 0;
  #errors = 0;

  constructor(
    detector: RunDetector,
    plan: Plan,
    { grace, options }: {
      readonly grace: Grace;
      readonly options: RunShardOptions;
    },
  ) {
    this.#detector = detector;
    this.#plan = plan;
    this.#options = options;
    this.#grace = grace;
    this.#range = shardRange(plan, options.shard);
    this.#next = this.#range.start;
  }

  async run(): Promise<ShardOutcome> {
    if (!this.#grace.isStopping) await this.#resume();
    this.#report(this.#next);
    while (this.#isLeft && !this.#grace.isStopping) await this.#pass();
    return { ...this.#progress(this.#next), stopped: this.#isLeft };
  }

  async #resume(): Promise<void> {
    const { shard, signal } = this.#options;
    const at = { plan: this.#plan, shard };
    const stop = signal === undefined ? {} : { signal };
    for await (const part of readChain(at, this.#range, stop)) {
      this.#follow(part);
    }
    this.#resumed = this.#next - this.#range.start;
  }

  get #isLeft(): boolean {
    return this.#next < this.#range.end;
  }

  #progress(position: number): ShardProgress {
    const { start, end } = this.#range;
    return {
      done: position - start,
      total: end - start,
      resumed: this.#resumed,
      errors: this.#errors,
    };
  }

  #report(position: number): void {
    this.#options.onProgress?.(this.#progress(position));
  }

  #open(): OpenPart {
    const { shard } = this.#options;
    return new OpenPart({ run: this.#plan.run, shard, start: this.#next });
  }

  #isFull(part: OpenPart): boolean {
    const { partImages = 256, partSeconds = 60 } = this.#options;
    return part.size >= partImages || part.age >= partSeconds;
  }

  /** Scores from the last part on, to the end or to a part of another worker. */
  async #pass(): Promise<void> {
    const { stores, batchSize = 1 } = this.#options;
    const found = scorePlanItems(
      this.#plan,
      this.#plan.items.slice(this.#next, this.#range.end, {
        signal: this.#grace.images,
      }),
      { detector: this.#detector, grace: this.#grace, stores, batchSize },
    );
    let part = this.#open();
    try {
      while (true) {
        const step = await unlessAborted(found.next(), this.#grace.images);
        if (step === undefined || step.done) break;
        part.add(step.value);
        this.#report(part.end);
        if (!this.#isFull(part)) continue;
        if (!await this.#store(part)) return;
        part = this.#open();
      }
    } catch (error) {
      await this.#store(part).catch(() => {});
      throw error;
    } finally {
      found.return(undefined).catch(() => {});
    }
    await this.#store(part);
  }

  /** Stores a part; false if another worker stored one first. */
  async #store(open: OpenPart): Promise<boolean> {
    if (open.size === 0) return true;
    const part = open.close(await this.#wordsOf(open.categories));
    const options = { signal: this.#grace.parts };
    const isOurs = await this.#plan.out.create(
      partKey(part),
      encodePart(part),
      options,
    );
    if (isOurs) {
      this.#follow(part);
      await storeErrors(this.#plan, part, options);
      return true;
    }
    await this.#catchUp();
    return false;
  }

  async #wordsOf(categories: Iterable<string>): Promise<Part["prompts"]> {
    const words: Record<string, PromptWords> = {};
    for (const category of [...categories].sort()) {
      const { normal, abnormal } = await this.#detector.promptOf(category);
      words[category] = { normal, abnormal };
    }
    return words;
  }

  #follow({ rows }: Part): void {
    this.#next += rows.length;
    this.#errors += rows.filter(({ error }) => error !== null).length;
  }

  async #catchUp(): Promise<void> {
    const { shard } = this.#options;
    const options = { signal: this.#grace.parts };
    while (this.#isLeft) {
      const name = { run: this.#plan.run, shard, start: this.#next };
      const part = await findPart(this.#plan, name, options);
      if (part === null) break;
      this.#follow(part);
    }
    this.#report(this.#next);
  }
}

/** A detector that lays images otherwise would give other numbers. */
function assertFramed(
  { framing, frame: own = framing?.settings }: RunDetector,
  { run, header: { frame } }: Plan,
): void {
  const text = (settings: Plan["header"]["frame"]) => JSON.stringify(settings);
  if (text(own) === text(frame)) return;
  throw new RunError(
    `Cannot score the run ${run} as the detector must lay images before the ` +
      `model as it was planned, ${text(frame) ?? "stretched"}: current value ` +
      `is ${text(own) ?? "stretched"}`,
    "configuration",
  );
}

/** Shards of one run must not mix precisions. */
function assertPrecise({ precision }: RunDetector, { header }: Plan): void {
  if (precision === undefined || precision === header.precision) return;
  throw new RunError(
    `Cannot score the run as --precision must be ${header.precision}, which ` +
      `it was planned with: current value is ${precision}`,
    "configuration",
  );
}

/**
 * Scores the images of a shard that have no row yet. Heatmaps are written as
 * `runs/<run>/heatmaps/<key>.png`, rows in Parquet parts. A worker may be stopped
 * or killed at any moment and started again, also while another worker does the
 * same shard. Each image counts once.
 *
 * @param detector The detector, with the settings of the run.
 * @param plan The run.
 * @param options Which shard, and how.
 * @returns Counts, and whether the shard was stopped.
 * @throws {DataSetError} If a part is damaged, or the input is an archive that
 * is damaged or has changed.
 * @throws {StorageError} If a store fails; finished images are kept.
 * @throws {RunError} If the detector has learned other good images, lays
 * images otherwise, or runs in another precision.
 * @throws {SessionError} If the detector fails; finished images are kept.
 */
export async function runShard(
  detector: RunDetector,
  plan: Plan,
  options: RunShardOptions,
): Promise<ShardOutcome> {
  assertLearned(detector, plan);
  assertFramed(detector, plan);
  assertPrecise(detector, plan);
  const { signal, graceSeconds: seconds = GRACE_SECONDS } = options;
  using grace = new Grace({ signal, seconds });
  return await new ShardWorker(detector, plan, { grace, options }).run();
}
