/**
 * What comparing with good images costs: time per image with the memory of ten
 * good images beside zero-shot detection, interleaved, for nano and for a
 * random model of ViT-B/16 size:
 *
 *     deno run -A bench/good_rate.ts [--good 10] [--pairs 30] [--threads 1]
 *
 * Prints one JSON object; a ratio is the median over the pairs.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { Detector } from "../lib/detector/detector.ts";
import { Random } from "../lib/random.ts";
import { median } from "./measure.ts";
import { SIZES, writeRandomModel } from "./random_model.ts";

const { values: flags } = parseArgs({
  options: {
    good: { type: "string", default: "10" },
    pairs: { type: "string", default: "30" },
    threads: { type: "string", default: "1" },
  },
});

const category = "metal_nut";

/** An image of random pixels at the model's side. */
function drawn(side: number, random: Random) {
  const data = Uint8Array.from(
    { length: side * side * 3 },
    () => random.integer(0, 255),
  );
  return { width: side, height: side, data };
}

/** Time in the session for one image. */
async function seconds(detector: Detector, pixels: Uint8Array) {
  const [found] = await detector.detect([{ pixels, category }]);
  return found!.milliseconds;
}

async function compare(model: string) {
  const options = { threads: Number(flags.threads), categories: [category] };
  await using zeroShot = await Detector.open(model, options);
  await using withGood = await Detector.open(model, options);
  const { side } = zeroShot;
  const random = new Random("good rate");
  const good = Array.from(
    { length: Number(flags.good) },
    () => drawn(side, random),
  );
  const start = performance.now();
  const { kept } = await withGood.learn(category, good);
  const learning = performance.now() - start;
  const { data } = drawn(side, random);
  const times: [number, number][] = [];
  await seconds(zeroShot, data);
  await seconds(withGood, data);
  for (let pair = 0; pair < Number(flags.pairs); pair++) {
    times.push([await seconds(zeroShot, data), await seconds(withGood, data)]);
  }
  return {
    patches: kept,
    learningMilliseconds: learning,
    zeroShotMilliseconds: median(times.map(([plain]) => plain)),
    withGoodMilliseconds: median(times.map(([, joint]) => joint)),
    ratio: median(times.map(([plain, joint]) => joint / plain)),
  };
}

const directory = await Deno.makeTempDir();
try {
  await writeRandomModel(directory, SIZES["vit-b-224"]);
  const found = {
    nano: await compare("models/nano"),
    "vit-b-224": await compare(directory),
  };
  console.log(JSON.stringify({ ...flags, ...found }, null, 2));
} finally {
  await Deno.remove(directory, { recursive: true });
}
