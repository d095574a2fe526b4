/**
 * Images through the real way of `score`, with a stub as the network.
 *
 * @module
 */
import { planRun } from "../../lib/batch/plan.ts";
import { allStores } from "../../lib/batch/stores.ts";
import { runShard } from "../../lib/batch/work.ts";
import { decodeImage } from "../../lib/image/decode.ts";
import { encodeJpeg } from "../../lib/image/encode.ts";
import { FileStore } from "../../lib/storage/file_store.ts";
import { syntheticFiles } from "../../lib/synthetic/data_set.ts";
import { cpuMilliseconds } from "./stages.ts";
import type { StubDetector } from "./stub_detector.ts";

/** Drawn images that are different; the others are copies of them. */
const DRAWN = 32;

/**
 * Writes JPEG files of 700 x 700 pixels.
 *
 * @param folder Where to.
 * @param images How many.
 * @param hasLabels Whether they lie as in MVTec AD.
 * @returns One of them.
 */
export async function writeImages(
  folder: string,
  images: number,
  hasLabels = false,
): Promise<Uint8Array> {
  const files = syntheticFiles({
    seed: 1,
    count: DRAWN,
    side: 700,
    split: "aux",
    categories: ["steel"],
  });
  const drawn: Uint8Array[] = [];
  for await (const { path, bytes } of files) {
    if (!path.includes("/test/")) continue;
    drawn.push(await encodeJpeg(await decodeImage(bytes), { quality: 90 }));
  }
  const target = hasLabels ? `${folder}/steel/test/good` : `${folder}/steel`;
  await Deno.mkdir(target, { recursive: true });
  for (let i = 0; i < images; i++) {
    const file = drawn[i % drawn.length]!;
    await Deno.writeFile(`${target}/${String(i).padStart(6, "0")}.jpg`, file);
  }
  return drawn[0]!;
}

/** Which images are scored, and how. */
export interface ScoreOptions {
  /** The folder of `images/`; results go beside them. */
  readonly folder: string;
  /** How many images. */
  readonly limit: number;
  /** Images that run through the network together. */
  readonly batchSize: number;
}

/**
 * Scores some images, and tells what it took.
 *
 * @returns Milliseconds: all of them, those of processors, and those of the
 * network.
 */
export async function scoreImages(
  detector: StubDetector,
  { folder, limit, batchSize }: ScoreOptions,
): Promise<
  { readonly milliseconds: number; readonly cpu: number; readonly busy: number }
> {
  const stores = allStores();
  const plan = await planRun(
    { uri: `${folder}/images`, stores },
    new FileStore(await Deno.makeTempDir({ dir: folder })),
    { model: { name: "stub", fingerprint: "" }, limitTotal: limit },
  );
  const before = { cpu: cpuMilliseconds(), busy: detector.busy() };
  const start = performance.now();
  const { errors } = await runShard(detector, plan, {
    shard: 0,
    stores,
    batchSize,
  });
  if (errors > 0) throw new Error(`${errors} images have no score`);
  return {
    milliseconds: performance.now() - start,
    cpu: cpuMilliseconds() - before.cpu,
    busy: detector.busy() - before.busy,
  };
}
