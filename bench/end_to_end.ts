/**
 * Times a whole evaluation, from PNG files to heatmaps and a report on disk, and
 * the session alone with as many images, in turns:
 *
 *     deno run -A bench/end_to_end.ts [--pairs 5] [--images 64] [--side 256]
 *                                     [--sessions 1] [--threads 0]
 *
 * Random model of ViT-B/16 size at 224 x 224. Prints one JSON object; `ratio`
 * is the median over pairs of wall time to the mean of the session times
 * before and after it.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { openDataSet } from "../lib/data/open.ts";
import { Detector } from "../lib/detector/detector.ts";
import { evaluateToFolder } from "../lib/evaluation/evaluate_to_folder.ts";
import { drawImages } from "./drawn_images.ts";
import { median } from "./measure.ts";
import { SIZES, writeRandomModel } from "./random_model.ts";

const { values: flags } = parseArgs({
  options: {
    pairs: { type: "string", default: "5" },
    images: { type: "string", default: "64" },
    side: { type: "string", default: "256" },
    sessions: { type: "string", default: "1" },
    threads: { type: "string", default: "0" },
  },
});
const images = Number(flags.images);
const threads = Number(flags.threads);
const folder = await Deno.makeTempDir();
await drawImages(`${folder}/images`, { images, side: Number(flags.side) });
await writeRandomModel(`${folder}/model`, SIZES["vit-b-224"]);
const dataSet = await openDataSet(`${folder}/images`);
const { categories } = dataSet;
const alone = await Detector.open(`${folder}/model`, { categories, threads });
const detector = await Detector.open(`${folder}/model`, {
  categories,
  threads,
  sessions: Number(flags.sessions),
});
const pixels = new Uint8Array(alone.side ** 2 * 3).fill(127);

async function sessionTime(): Promise<number> {
  let sum = 0;
  for (let i = 0; i < images; i++) {
    const [found] = await alone.detect([{ pixels, category: categories[0]! }]);
    sum += found!.milliseconds;
  }
  return sum;
}

async function evaluationTime(): Promise<number> {
  const start = performance.now();
  await evaluateToFolder({ detector, dataSet, out: `${folder}/out` }, {
    model: "random",
    smooth: 0,
  });
  return performance.now() - start;
}

await evaluationTime();
const session = [await sessionTime()];
const evaluation: number[] = [];
for (let pair = 0; pair < Number(flags.pairs); pair++) {
  evaluation.push(await evaluationTime());
  session.push(await sessionTime());
}
const ratios = evaluation.map((time, i) =>
  time / ((session[i]! + session[i + 1]!) / 2)
);
console.log(JSON.stringify(
  { ...flags, ratio: median(ratios), ratios, session, evaluation },
  null,
  2,
));
await Deno.remove(folder, { recursive: true });
Deno.exit();
