/**
 * Planning a folder of many images as a stream: whether the time grows with their
 * number and no faster.
 *
 * | benchmark      | size                                                  |
 * | -------------- | ----------------------------------------------------- |
 * | a folder       | 20,000 images, only listed; 1,024 a part of the plan  |
 * | five times it  | 100,000 images; 5 is linear, and recorded as a bound  |
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

async function plan(images: number): Promise<void> {
  const model = { name: "nano", fingerprint: "0" };
  const settings = { model, shards: 8, heldImages: 1024 };
  await planRun(listedFolder(images), out, settings);
}

const options = { group: "plans", n: 3, warmup: 1 };

Deno.bench("a folder", { ...options, baseline: true }, async () => {
  await plan(IMAGES);
});
Deno.bench("five times it", options, async () => {
  await plan(5 * IMAGES);
});
