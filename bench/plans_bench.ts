/**
 * Planning a folder of many images, as a stream and held in memory.
 *
 * | benchmark                 | size                                          |
 * | ------------------------- | --------------------------------------------- |
 * | held in memory            | 20,000 images in 240 folders, only listed     |
 * | as a stream               | the same, 1,024 images a part of the manifest |
 * | five times, as a stream   | 100,000 images; linear is five times the last |
 *
 * bench/plans.ts measures millions, and memory.
 *
 * @module
 */
import { planRun } from "../lib/batch/plan.ts";
import { FileStore } from "../lib/storage/file_store.ts";
import { listedFolder } from "./plans/drawn_folder.ts";

const IMAGES = 20_000;

const folder = await Deno.makeTempDir();
globalThis.addEventListener("unload", () => {
  Deno.removeSync(folder, { recursive: true });
});
const out = new FileStore(folder);

async function plan(images: number, heldImages: number): Promise<void> {
  const model = { name: "nano", fingerprint: "0" };
  await planRun(listedFolder(images), out, { model, shards: 8, heldImages });
}

const options = { group: "plans", n: 3, warmup: 1 };

Deno.bench("held in memory", { ...options, baseline: true }, async () => {
  await plan(IMAGES, IMAGES);
});
Deno.bench("as a stream", options, async () => {
  await plan(IMAGES, 1024);
});
Deno.bench("five times, as a stream", options, async () => {
  await plan(5 * IMAGES, 1024);
});
