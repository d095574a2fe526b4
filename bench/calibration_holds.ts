/**
 * Whether thresholds hold: false alarms on good images that were not learned,
 * with thresholds set on few good images left out in turn. Drawn images:
 *
 *     deno run -A bench/calibration_holds.ts [--good 50] [--others 500] \
 *       [--category nut,leather,pill] [--seed 0]
 *
 * Prints one JSON object a line: the rate asked for, the share of others at or
 * above the threshold, and the interval that was stated beforehand.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { Detector } from "../lib/detector/detector.ts";
import { syntheticDataSet } from "../lib/synthetic/data_set.ts";
import { clopperPearson } from "../lib/metrics/clopper_pearson.ts";
import { Exceedance } from "../lib/metrics/exceedance.ts";

const { values: flags } = parseArgs({
  options: {
    good: { type: "string", default: "50" },
    others: { type: "string", default: "500" },
    category: { type: "string", default: "nut,leather,pill" },
    seed: { type: "string", default: "0" },
  },
});

const RATES = [0.05, 0.01];

/** Good images of a category at the model's side. */
async function* goodImages(category: string) {
  const count = 2 * (Number(flags.good) + Number(flags.others));
  const dataSet = syntheticDataSet({
    split: "test",
    categories: [category],
    seed: Number(flags.seed),
    count,
    side: 256,
  });
  for await (const { label, image } of dataSet.samples()) {
    if (label === 0) yield await image();
  }
}

async function check(category: string): Promise<void> {
  await using detector = await Detector.open("nano", {
    categories: [category],
  });
  const { side } = detector;
  const all: Uint8Array[] = [];
  for await (const image of goodImages(category)) {
    all.push(detector.preprocess(image));
  }
  const good = all.slice(0, Number(flags.good));
  const others = all.slice(good.length);
  await detector.learn(
    category,
    good.map((data) => ({ width: side, height: side, data })),
  );
  const leftOut = detector.leftOut(category)!;
  const scores = leftOut.map((map) => Math.max(...map));
  const further: number[] = [];
  for (const pixels of others) {
    const [found] = await detector.detect([{ pixels, category }]);
    further.push(found!.scoreLogit);
  }
  const exceedance = new Exceedance(scores);
  for (const asked of RATES) {
    const threshold = exceedance.scoreOf(asked);
    const count = (of: readonly number[]) =>
      of.filter((score) => score >= threshold).length;
    const { interval } = clopperPearson(count(scores), scores.length);
    const { count: alarms, rate } = clopperPearson(
      count(further),
      further.length,
    );
    const holds = rate >= interval[0] && rate <= interval[1];
    console.log(
      JSON.stringify({
        category,
        asked,
        threshold,
        alarms,
        rate,
        interval,
        holds,
      }),
    );
  }
}

for (const category of flags.category.split(",")) await check(category);
