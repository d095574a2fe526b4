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
import { planRun } from "../lib/batch/plan.ts";
import { allStores } from "../lib/batch/stores.ts";
import { runShard } from "../lib/batch/work.ts";
import { decodeImage } from "../lib/image/decode.ts";
import { encodeJpeg } from "../lib/image/encode.ts";
import { FileStore } from "../lib/storage/file_store.ts";
import { syntheticFiles } from "../lib/synthetic/data_set.ts";
import { cpuMilliseconds, timeStages } from "./feed/stages.ts";
import { openStub, type StubDetector } from "./feed/stub_detector.ts";
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
const millisecondsAnImage = Number(flags.milliseconds);

/** Drawn images that are different; the others are copies of them. */
const DRAWN = 32;

/** Writes the images; with labels, in MVTec AD layout. */
async function writeImages(folder: string): Promise<Uint8Array> {
  const files = syntheticFiles({
    seed: 1,
    count: DRAWN,
    side: 700,
    split: "aux",
    categories: ["steel"],
  });
  const drawn: Uint8Array[] = [];
  for await (const { path, bytes } of files) {
    if (!path.includes("/test/")) continue;
    drawn.push(await encodeJpeg(await decodeImage(bytes), { quality: 90 }));
  }
  const target = flags.labels ? `${folder}/steel/test/good` : `${folder}/steel`;
  await Deno.mkdir(target, { recursive: true });
  for (let i = 0; i < images; i++) {
    const file = drawn[i % drawn.length]!;
    await Deno.writeFile(`${target}/${String(i).padStart(6, "0")}.jpg`, file);
  }
  return drawn[0]!;
}

/** Scores some images, and tells what it took. */
async function score(detector: StubDetector, folder: string, limit: number) {
  const stores = allStores();
  const plan = await planRun(
    { uri: `${folder}/images`, stores },
    new FileStore(`${folder}/out-${limit}`),
    { model: { name: "stub", fingerprint: "" }, limitTotal: limit },
  );
  const before = { cpu: cpuMilliseconds(), busy: detector.busy() };
  const start = performance.now();
  const batchSize = Number(flags.batch);
  const { errors } = await runShard(detector, plan, {
    shard: 0,
    stores,
    batchSize,
  });
  if (errors > 0) throw new Error(`${errors} images have no score`);
  return {
    milliseconds: performance.now() - start,
    cpu: cpuMilliseconds() - before.cpu,
    busy: detector.busy() - before.busy,
  };
}

const folder = await Deno.makeTempDir();
try {
  const file = await writeImages(`${folder}/images`);
  const workers = Number(flags.workers);
  using detector = openStub({ side, millisecondsAnImage, workers });
  await score(detector, folder, 2 * Number(flags.batch)); // Starts workers.
  const { milliseconds, cpu, busy } = await score(detector, folder, images);
  const cpuAnImage = cpu / images;
  console.log(JSON.stringify(
    {
      ...{ side, images, batch: Number(flags.batch), workers },
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
