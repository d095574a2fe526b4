import assert from "node:assert/strict";
import { Detector } from "../../lib/detector/detector.ts";
import type { RgbImage } from "../../lib/image/image.ts";
import { LEFT_OUT } from "../../lib/metrics/left_out.ts";
import { scattered } from "../contract/numbers.ts";
import {
  ADA_CLIP_GOLDENS,
  ANOMALY_CLIP_GOLDENS,
  APRIL_GAN_GOLDENS,
  type PromptedGolden,
  promptedModel,
  WINCLIP_GOLDENS,
} from "../golden/prompted_clips/golden.ts";

const TILE = { rows: 1, columns: 2 };
const [WIDTH, HEIGHT] = [120, 60];
const FEW_SHOT = [...WINCLIP_GOLDENS, ...APRIL_GAN_GOLDENS];
const FIRST = [
  WINCLIP_GOLDENS,
  APRIL_GAN_GOLDENS,
  ANOMALY_CLIP_GOLDENS,
  ADA_CLIP_GOLDENS,
].map(([golden]) => golden!);

function strip(seed: number): RgbImage {
  const data = Uint8Array.from(
    scattered(WIDTH * HEIGHT * 3, seed),
    (x) => 120 + 60 * Math.sin(x * 9),
  );
  return { width: WIDTH, height: HEIGHT, data };
}

/** The left half of a strip. */
function leftHalf(): RgbImage {
  const data = new Uint8Array(WIDTH * HEIGHT);
  for (let y = 0; y < HEIGHT; y++) {
    data.fill(1, y * WIDTH, y * WIDTH + WIDTH / 2);
  }
  return { width: WIDTH, height: HEIGHT, data };
}

async function withModel(
  golden: PromptedGolden,
  run: (path: string) => Promise<void>,
): Promise<void> {
  await using folder = await promptedModel(golden);
  await run(folder.path);
}

for (const golden of FIRST) {
  Deno.test(`Detector.detect() joins the maps of tiles and takes their highest score: ${golden.method}`, async () => {
    await withModel(golden, async (path) => {
      const options = { threads: 1, tile: TILE, overlap: 0, smooth: 0 };
      await using detector = await Detector.open(path, options);
      const image = strip(1);
      const { pixels, frame } = detector.prepare(image, "nut");
      const size = pixels.length / 2;
      const alone = await detector.detect([0, 1].map((i) => ({
        pixels: pixels.subarray(i * size, (i + 1) * size),
        category: "nut",
      })));
      const [found] = await detector.detect([{
        pixels,
        category: "nut",
        frame,
      }]);
      const { side } = detector;
      assert.deepEqual(frame!.map, { width: 2 * side, height: side });
      const highest = Math.max(...alone.map(({ scoreLogit }) => scoreLogit));
      assert(Math.abs(found!.scoreLogit - highest) < 1e-4);
      found!.logitMap.forEach((logit, at) => {
        const [y, x] = [Math.floor(at / (2 * side)), at % (2 * side)];
        const tile = alone[Math.floor(x / side)]!;
        assert(Math.abs(logit - tile.logitMap[y * side + x % side]!) < 1e-4);
      });
    });
  });

  Deno.test(`Detector.detect() leaves out what lies outside a region of interest: ${golden.method}`, async () => {
    await withModel(golden, async (path) => {
      const regions = new Map([["nut", leftHalf()]]);
      const options = { threads: 1, tile: TILE, overlap: 0, regions };
      await using detector = await Detector.open(path, options);
      const [found] = await detector.detect([
        detector.prepare(strip(1), "nut"),
      ]);
      const { logitMap, scoreLogit, anomalyMap } = found!;
      const width = Math.sqrt(2 * logitMap.length);
      logitMap.forEach((logit, at) => {
        const isLeftOut = at % width >= width / 2;
        assert.equal(logit === LEFT_OUT, isLeftOut);
        assert.equal(anomalyMap[at] === 0, isLeftOut);
      });
      assert(Math.abs(scoreLogit) < 100);
    });
  });
}

for (const golden of FEW_SHOT) {
  Deno.test(`Detector.learn() learns tiles, and of them what a region of interest holds: ${golden.method} ${golden.name}`, async () => {
    await withModel(golden, async (path) => {
      const tiles = { threads: 1, tile: TILE, overlap: 0 };
      const regions = new Map([["nut", leftHalf()]]);
      const good = [strip(2), strip(3)];
      await using whole = await Detector.open(path, tiles);
      await using half = await Detector.open(path, { ...tiles, regions });
      const all = await whole.learn("nut", good);
      const some = await half.learn("nut", good);
      assert.equal(some.patches, all.patches / 2);
      const input = half.prepare(strip(4), "nut");
      const scored = async () => (await half.detect([input]))[0]!.scoreLogit;
      const asNew = await scored();
      await half.learn("nut", [...good, strip(4)]);
      const asGood = await scored();
      assert(asGood < asNew, `${asGood} ${asNew}`);
      await half.learn("nut", good);

      await using again = await Detector.open(path, { ...tiles, regions });
      const file = half.memory("nut")!;
      assert.deepEqual(await again.remember(file, "nut"), some);
      const [[first], [second]] = [
        await half.detect([input]),
        await again.detect([input]),
      ];
      assert.deepEqual(second!.logitMap, first!.logitMap);
      assert.equal(second!.scoreLogit, first!.scoreLogit);
    });
  });
}
