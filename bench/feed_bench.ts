/**
 * All of `score` but the network, compared with what libvips needs at least:
 * whether a card is fed.
 *
 * | benchmark                  | size                                        |
 * | -------------------------- | ------------------------------------------- |
 * | decode and resize, sharp   | 64 JPEG files of 700 x 700, to 518 x 518    |
 * | score, without the network | the same from a folder to rows and heatmaps |
 *
 * `bench/feed.ts` tells how many cores keep a card of 5 ms an image at work.
 *
 * @module
 */
import sharp from "sharp";
import { scoreImages, writeImages } from "./feed/score_images.ts";
import { openStub } from "./feed/stub_detector.ts";

const IMAGES = 64;
const SIDE = 518;

const folder = await Deno.makeTempDir();
const file = await writeImages(`${folder}/images`, IMAGES);
const detector = openStub({
  side: SIDE,
  millisecondsAnImage: 0,
  workers: navigator.hardwareConcurrency,
});
globalThis.addEventListener("unload", () => {
  detector[Symbol.dispose]();
  Deno.removeSync(folder, { recursive: true });
});

const options = { group: "feed", n: 5, warmup: 1 };

Deno.bench(
  "decode and resize, sharp",
  { ...options, baseline: true },
  async () => {
    await Promise.all(Array.from({ length: IMAGES }, async () => {
      await sharp(file).resize(SIDE, SIDE, { fit: "fill" }).raw().toBuffer();
    }));
  },
);
Deno.bench("score, without the network", options, async () => {
  await scoreImages(detector, { folder, limit: IMAGES, batchSize: 16 });
});
