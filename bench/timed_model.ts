/**
 * Answers each line on stdin with the milliseconds that an image takes in a
 * model, as bench/reference.py does for PyTorch. `bench/rate.ts` starts it.
 *
 *     deno run -A bench/timed_model.ts MODEL THREADS f32|int8 [CACHE_FOLDER]
 *
 * @module
 */
import { createInterface } from "node:readline";
import process from "node:process";
import { Detector } from "../lib/detector/detector.ts";

const [model = "nano", threads, precision, cacheFolder] = Deno.args;
const category = "metal_nut";
const detector = await Detector.open(model, {
  categories: [category],
  threads: Number(threads),
  precision: precision === "int8" ? "int8" : "f32",
  cacheFolder,
});
const pixels = Uint8Array.from(
  { length: detector.side ** 2 * 3 },
  (_, i) => (i * 7919 >> 3) % 256,
);
for await (const _line of createInterface({ input: process.stdin })) {
  const [found] = await detector.detect([{ pixels, category }]);
  console.log(found!.milliseconds);
}
await detector.close();
