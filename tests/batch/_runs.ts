/** Runs on folders, with a detector that needs no model. */
import type { Detection, DetectorInput } from "../../lib/detector.ts";
import type { RgbImage } from "../../lib/image/image.ts";
import { resizeBicubic } from "../../lib/image/resample.ts";
import type { ObjectStore } from "../../lib/storage/object_store.ts";
import { openStore } from "../../lib/storage/open_store.ts";
import type {
  PlanOptions,
  RunSettings,
  ShardDetector,
} from "../../lib/batch/run.ts";
import { allStores } from "../../lib/batch/stores.ts";

const SIDE = 8;

/** Says that whatever is red is anomalous, with a different map per image. */
export class FakeDetector implements ShardDetector {
  readonly side: number = SIDE;
  readonly promptsUsed: ShardDetector["promptsUsed"] = {
    bottle: { normal: "a bottle", abnormal: "a broken bottle" },
  };
  /** Images looked at. */
  seen = 0;
  /** Resolves before each answer. */
  pause: () => Promise<void> = () => Promise.resolve();

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

/** Opens folders and whatever lies in them. */
export const STORES: ReturnType<typeof allStores> = allStores();

/** The input that an address names. */
export function input(uri: string): {
  uri: string;
  stores: typeof STORES;
} {
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
    await run(openStore(folder));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The keys of all objects that start so. */
export async function keysOf(
  store: ObjectStore,
  prefix: string,
): Promise<string[]> {
  const infos = await Array.fromAsync(store.list(prefix));
  return infos.map(({ key }) => key);
}
