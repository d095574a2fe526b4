/**
 * Tells whether reading, decoding, counting and writing keep up with a network
 * that takes 5 ms an image:
 *
 *     deno run -A bench/feed.ts [--milliseconds 5] [--side 518] [--images 512]
 *         [--batch 16] [--labels] [--workers N]
 *
 * JPEG files of 700 x 700 pixels go through the real way of `score`, from a
 * folder to rows and heatmaps in a folder; the network alone is a stub that
 * waits asleep. Prints one JSON object: `share` is how much of the time the
 * network worked, `cores` how many the rest would keep busy at its full speed.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { scoreImages, writeImages } from "./feed/score_images.ts";
import { timeStages } from "./feed/stages.ts";
import { openStub } from "./feed/stub_detector.ts";
import { peakMegabytes } from "./measure.ts";

const { values: flags } = parseArgs({
  options: {
    milliseconds: { type: "string", default: "5" },
    side: { type: "string", default: "518" },
    images: { type: "string", default: "512" },
    batch: { type: "string", default: "16" },
    labels: { type: "boolean", default: false },
    workers: { type: "string", default: `${navigator.hardwareConcurrency}` },
  },
});
const side = Number(flags.side);
const images = Number(flags.images);
const batchSize = Number(flags.batch);
const millisecondsAnImage = Number(flags.milliseconds);

const folder = await Deno.makeTempDir();
try {
  const file = await writeImages(`${folder}/images`, images, flags.labels);
  const workers = Number(flags.workers);
  using detector = openStub({ side, millisecondsAnImage, workers });
  // Starts workers.
  await scoreImages(detector, { folder, limit: 2 * batchSize, batchSize });
  const { milliseconds, cpu, busy } = await scoreImages(detector, {
    folder,
    limit: images,
    batchSize,
  });
  const cpuAnImage = cpu / images;
  console.log(JSON.stringify(
    {
      ...{ side, images, batch: batchSize, workers },
      labels: flags.labels,
      fileBytes: file.length,
      imagesPerSecond: 1000 * images / milliseconds,
      share: busy / milliseconds,
      cpuMillisecondsAnImage: cpuAnImage,
      cores: cpuAnImage / millisecondsAnImage,
      cpuMillisecondsOfSteps: await timeStages(file, side),
      peakMegabytes: await peakMegabytes(),
    },
    null,
    2,
  ));
} finally {
  await Deno.remove(folder, { recursive: true });
}
Deno.exit();
