/**
 * Scoring in shards beside an evaluation of the same images: what fan-out
 * costs per image.
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
import { basename, dirname } from "node:path";
import { mergeRun } from "../lib/batch/merge.ts";
import { planRun } from "../lib/batch/plan.ts";
import type { Stores } from "../lib/batch/stores.ts";
import { runShard } from "../lib/batch/work.ts";
import { openDataSet } from "../lib/data/open.ts";
import { syntheticFiles } from "../lib/data/synthetic/data_set.ts";
import { Detector } from "../lib/detector.ts";
import { evaluateToFolder } from "../lib/evaluation/evaluate_to_folder.ts";
import { FileStore } from "../lib/storage/file_store.ts";

const IMAGES = 64;
const SIDE = 256;

const folder = await Deno.makeTempDir();
globalThis.addEventListener("unload", () => {
  Deno.removeSync(folder, { recursive: true });
});
const files = syntheticFiles({
  seed: 1,
  count: IMAGES / 2,
  side: SIDE,
  split: "aux",
  categories: ["steel", "washer"],
});
for await (const { path, bytes } of files) {
  const target = `${folder}/images/${path}`;
  await Deno.mkdir(dirname(target), { recursive: true });
  await Deno.writeFile(target, bytes);
}
const dataSet = await openDataSet(`${folder}/images`);
const { categories } = dataSet;
const nano = fileURLToPath(new URL("../models/nano", import.meta.url));
const detector = await Detector.open(nano, { categories, threads: 1 });

function pathOf(uri: string): string {
  return uri.startsWith("file:") ? fileURLToPath(uri) : uri;
}

const stores: Stores = {
  folder: (uri) => new FileStore(pathOf(uri)),
  object(uri) {
    const path = pathOf(uri);
    return { store: new FileStore(dirname(path)), key: basename(path) };
  },
};

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
