/**
 * Scoring in shards, compared with an evaluation of the same images: the cost of
 * sharding per image.
 *
 * | benchmark             | size                                              |
 * | --------------------- | ------------------------------------------------- |
 * | evaluation            | 64 images, nano model, from PNG files of 256 x 256 |
 * | one shard, and merge  | the same, from a folder to a folder               |
 * | four shards, and merge | the same, one shard after the other              |
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { mergeRun } from "../lib/batch/merge.ts";
import { planRun } from "../lib/batch/plan.ts";
import { allStores } from "../lib/batch/stores.ts";
import { runShard } from "../lib/batch/work.ts";
import { openDataSet } from "../lib/data/open.ts";
import { Detector } from "../lib/detector/detector.ts";
import { evaluateToFolder } from "../lib/evaluation/evaluate_to_folder.ts";
import { FileStore } from "../lib/storage/file_store.ts";
import { drawImages } from "./drawn_images.ts";

const IMAGES = 64;
const SIDE = 256;

const folder = await Deno.makeTempDir();
globalThis.addEventListener("unload", () => {
  Deno.removeSync(folder, { recursive: true });
});
await drawImages(`${folder}/images`, { images: IMAGES, side: SIDE });
const dataSet = await openDataSet(`${folder}/images`);
const { categories } = dataSet;
const nano = fileURLToPath(new URL("../models/nano", import.meta.url));
const detector = await Detector.open(nano, { categories, threads: 1 });

const stores = allStores();

let runs = 0;

async function score(shards: number): Promise<void> {
  const out = new FileStore(`${folder}/score${runs++}`);
  const plan = await planRun({ uri: `${folder}/images`, stores }, out, {
    model: { name: "nano", fingerprint: "" },
    smooth: 0,
    precision: "f32",
    prompts: null,
    heatRange: [0, 1],
    bitDepth: 16,
    shards,
  });
  for (let shard = 0; shard < shards; shard++) {
    await runShard(detector, plan, { shard, stores });
  }
  await mergeRun(plan, { stores });
}

const options = { group: "batch", n: 5, warmup: 1 };

Deno.bench("evaluation", { ...options, baseline: true }, async () => {
  const out = `${folder}/eval${runs++}`;
  await evaluateToFolder({ detector, dataSet, out }, {
    model: "nano",
    smooth: 0,
    maps: "none",
  });
});
Deno.bench("one shard, and merge", options, async () => {
  await score(1);
});
Deno.bench("four shards, and merge", options, async () => {
  await score(4);
});
