/**
 * A whole evaluation, compared with the session alone.
 *
 * | benchmark      | size                                                    |
 * | -------------- | ------------------------------------------------------- |
 * | session alone  | 16 images, random ViT-B/16 model at 224 x 224            |
 * | evaluation     | the same, from PNG files of 700 x 700 to heatmaps on disk |
 *
 * @module
 */
import { openDataSet } from "../lib/data/open.ts";
import { Detector } from "../lib/detector/detector.ts";
import { evaluateToFolder } from "../lib/evaluation/evaluate_to_folder.ts";
import { drawImages } from "./drawn_images.ts";
import { SIZES, writeRandomModel } from "./random_model.ts";

const IMAGES = 16;
const SIDE = 700;

const folder = await Deno.makeTempDir();
globalThis.addEventListener("unload", () => {
  Deno.removeSync(folder, { recursive: true });
});
await drawImages(`${folder}/images`, { images: IMAGES, side: SIDE });
await writeRandomModel(`${folder}/model`, SIZES["vit-b-224"]);
const dataSet = await openDataSet(`${folder}/images`);
const { categories } = dataSet;
const alone = await Detector.open(`${folder}/model`, { categories });
const detector = await Detector.open(`${folder}/model`, {
  categories,
  sessions: 0,
});
const pixels = new Uint8Array(detector.side ** 2 * 3).fill(127);
const [category = ""] = categories;

const group = "evaluation";
Deno.bench(
  "session alone",
  { group, baseline: true, n: 3, warmup: 1 },
  async () => {
    for (let i = 0; i < IMAGES; i++) {
      await alone.detect([{
        pixels,
        category,
      }]);
    }
  },
);
Deno.bench("evaluation", { group, n: 3, warmup: 1 }, async () => {
  await evaluateToFolder({ detector, dataSet, out: `${folder}/out` }, {
    model: "random",
    smooth: 0,
    maps: "none",
  });
});
