/** Runs on folders, with a detector that needs no model. */
import { basename, dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type { Sentences } from "../../lib/methods/sentences.ts";
import type { Detection, DetectorInput } from "../../lib/detector/detector.ts";
import type { RgbImage } from "../../lib/image/image.ts";
import { resizeBicubic } from "../../lib/image/resample.ts";
import type { ScoreRow } from "../../lib/results/summary.ts";
import { FileStore } from "../../lib/storage/file_store.ts";
import type { ObjectStore } from "../../lib/storage/object_store.ts";
import type {
  BatchInput,
  Plan,
  PlanItem,
  PlanOptions,
  RunSettings,
  ShardDetector,
} from "../../lib/batch/run.ts";
import {
  type Merged,
  type MergeOptions,
  mergeRun,
} from "../../lib/batch/merge.ts";
import {
  runShard,
  type RunShardOptions,
  type ShardOutcome,
} from "../../lib/batch/work.ts";
import type { Stores } from "../../lib/batch/stores.ts";

const SIDE = 8;

/** Says that whatever is red is anomalous, with a different map per image. */
export class FakeDetector implements ShardDetector {
  readonly side: number = SIDE;
  readonly sessions: number = 1;
  /** Images looked at. */
  seen = 0;
  /** Resolves before each answer. */
  pause: () => Promise<void> = () => Promise.resolve();

  promptOf(category: string): Sentences {
    return { normal: [`a ${category}`], abnormal: [`a broken ${category}`] };
  }

  preprocess(image: RgbImage): Uint8Array {
    return resizeBicubic(image, SIDE, SIDE).data;
  }

  async detect(inputs: readonly DetectorInput[]): Promise<Detection[]> {
    await this.pause();
    this.seen += inputs.length;
    return inputs.map(({ pixels }) => {
      const anomalyMap = Float32Array.from(
        { length: SIDE * SIDE },
        (_, i) => (pixels[3 * i]! + i / 100 + 0.5) / 258,
      );
      const logitMap = anomalyMap.map((m) => Math.log(m) - Math.log(1 - m));
      return {
        anomalyMap,
        logitMap,
        imageScore: Math.max(...anomalyMap),
        scoreLogit: Math.max(...logitMap),
        milliseconds: 1,
      };
    });
  }
}

/** Settings that any test may use. */
export const SETTINGS: RunSettings = {
  model: { name: "fake", fingerprint: "0" },
  smooth: 0,
  precision: "f32",
  prompts: null,
  heatRange: [0, 1],
  bitDepth: 16,
};

function pathOf(uri: string): string {
  return uri.startsWith("file:") ? fileURLToPath(uri) : uri;
}

/** Opens folders and what lies in them, without what buckets need. */
export const STORES: Stores = {
  folder: (uri) => new FileStore(pathOf(uri)),
  object(uri) {
    const path = pathOf(uri);
    return { store: new FileStore(dirname(path)), key: basename(path) };
  },
};

/** Opens one store, whatever the address. */
export function only(store: ObjectStore): Stores {
  const object = (uri: string) => ({ store, key: uri.replace(store.uri, "") });
  return { folder: () => store, object };
}

/** The input that an address names. */
export function input(uri: string): BatchInput {
  return { uri, stores: STORES };
}

/** Settings with some changes. */
export function options(changes: Partial<PlanOptions> = {}): PlanOptions {
  return { ...SETTINGS, ...changes };
}

/** Runs with a folder for results, which it removes. */
export async function withOut(
  run: (out: ObjectStore) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "batch" });
  try {
    await run(new FileStore(folder));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** All images of a run. */
export async function itemsOf({ items }: Plan): Promise<PlanItem[]> {
  return await Array.fromAsync(items);
}

/** The keys of all objects that start so. */
export async function keysOf(
  store: ObjectStore,
  prefix: string,
): Promise<string[]> {
  const infos = await Array.fromAsync(store.list(prefix));
  return infos.map(({ key }) => key);
}

/** What happens before and after an object is created. */
export interface CreateHooks {
  readonly before?: (key: string) => Promise<void> | void;
  readonly after?: (key: string) => Promise<void> | void;
}

/** A store that does something more where objects are created. */
export function withHooks(
  store: ObjectStore,
  { before, after }: CreateHooks,
): ObjectStore {
  return {
    uri: store.uri,
    read: (key, options) => store.read(key, options),
    stream: (key, options) => store.stream(key, options),
    head: (key, options) => store.head(key, options),
    list: (prefix, options) => store.list(prefix, options),
    put: (key, body, options) => store.put(key, body, options),
    delete: (key, options) => store.delete(key, options),
    async create(key, bytes, options) {
      await before?.(key);
      const isThere = await store.create(key, bytes, options);
      await after?.(key);
      return isThere;
    },
  };
}

/** Scores all shards of a run, one after the other. */
export async function scoreAll(
  plan: Plan,
  options: Partial<RunShardOptions> = {},
): Promise<ShardOutcome[]> {
  const outcomes: ShardOutcome[] = [];
  for (let shard = 0; shard < plan.header.shards; shard++) {
    const changes = { stores: STORES, ...options, shard };
    outcomes.push(await runShard(new FakeDetector(), plan, changes));
  }
  return outcomes;
}

/** The results of a run, with all rows. */
export interface MergedRows extends Pick<Merged, "summary"> {
  readonly rows: readonly ScoreRow[];
}

/** Merges a run, and reads all rows. */
export async function mergeRows(
  plan: Plan,
  options: MergeOptions = { stores: STORES },
): Promise<MergedRows> {
  const { summary, rows } = await mergeRun(plan, options);
  return { summary, rows: await Array.fromAsync(rows) };
}

/** Merges a run, and leaves out what differs from run to run: times. */
export async function mergeTimeless(
  plan: Plan,
  stores: Stores = STORES,
): Promise<MergedRows> {
  const { summary, rows } = await mergeRows(plan, { stores });
  return {
    summary: { ...summary, seconds: 0 },
    rows: rows.map((row) => ({ ...row, milliseconds: null })),
  };
}
