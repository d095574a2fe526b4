import assert from "node:assert/strict";
import { Detector } from "../../lib/detector/detector.ts";
import type { RgbImage } from "../../lib/image/image.ts";
import { LEFT_OUT } from "../../lib/metrics/left_out.ts";
import { scattered } from "../contract/numbers.ts";

const OPTIONS = { threads: 1, categories: ["strip"] };
const TILE = { rows: 1, columns: 3 };

function strip(seed: number): RgbImage {
  const [width, height] = [240, 80];
  const data = Uint8Array.from(
    scattered(width * height * 3, seed),
    (x) => 120 + 40 * Math.sin(x * 9),
  );
  return { width, height, data };
}

Deno.test("Detector.score() gives one map of all tiles, and their highest score", async () => {
  await using detector = await Detector.open("nano", {
    ...{ ...OPTIONS, tile: TILE, overlap: 0 },
  });
  const image = strip(1);
  const { map, logitMap, scoreLogit } = await detector.score(image, {
    category: "strip",
  });
  assert.deepEqual([map.width, map.height], [336, 112]);
  const { pixels, frame } = detector.prepare(image, "strip");
  const size = pixels.length / 3;
  const alone = await detector.detect([0, 1, 2].map((i) => ({
    pixels: pixels.subarray(i * size, (i + 1) * size),
    category: "strip",
  })));
  assert.equal(frame!.places.length, 3);
  const scores = alone.map((tile) => tile.scoreLogit);
  assert(Math.abs(scoreLogit - Math.max(...scores)) < 1e-4);
  const row = logitMap.data.subarray(336 * 50, 336 * 51);
  alone.forEach((tile, i) => {
    const expected = tile.logitMap.subarray(112 * 50, 112 * 51);
    expected.forEach((logit, x) =>
      assert(Math.abs(logit - row[112 * i + x]!) < 1e-4)
    );
  });
});

Deno.test("Detector.detect() says the same of an image whatever lies beside it", async () => {
  await using detector = await Detector.open("nano", {
    ...{ ...OPTIONS, tile: TILE, sessions: 2, threads: 2 },
  });
  const [a, b] = [1, 2].map((seed) => detector.prepare(strip(seed), "strip"));
  const [[one], [, two]] = [
    await detector.detect([a!, b!]),
    await detector.detect([b!, a!]),
  ];
  assert.deepEqual(one!.logitMap, two!.logitMap);
  assert.equal(one!.scoreLogit, two!.scoreLogit);
});

Deno.test("Detector.score() leaves out what lies outside a region of interest", async () => {
  const data = new Uint8Array(240 * 80);
  for (let y = 0; y < 80; y++) data.fill(1, y * 240, y * 240 + 120);
  const regions = new Map([["strip", { width: 240, height: 80, data }]]);
  await using detector = await Detector.open("nano", {
    ...{ ...OPTIONS, regions, smooth: 2 },
  });
  const { logitMap, map } = await detector.score(strip(1), {
    category: "strip",
  });
  logitMap.data.forEach((logit, i) => {
    assert.equal(logit === LEFT_OUT, i % 112 >= 56);
    assert.equal(map.data[i] === 0, i % 112 >= 56);
  });
});

Deno.test("Detector.remember() refuses good images that were laid otherwise", async () => {
  await using tiled = await Detector.open("nano", {
    ...{ ...OPTIONS, tile: TILE, learns: true },
  });
  const learned = await tiled.learn("strip", [strip(1), strip(2)]);
  // Three tiles of 14 x 14 patches each.
  assert.deepEqual([learned.images, learned.patches], [2, 2 * 3 * 196]);
  const memory = tiled.memory("strip")!;
  assert.equal((await tiled.remember(memory)).sha256, learned.sha256);
  await using plain = await Detector.open("nano", OPTIONS);
  await assert.rejects(plain.remember(memory, "memory.safetensors"), {
    name: "ModelError",
    message:
      /^Cannot use the good images of memory\.safetensors as they must have been laid before the model as the images now are/,
  });
});

Deno.test("Detector.open() refuses tiles that are none, and too many", async () => {
  const cases = [
    [{ tile: { rows: 0, columns: 2 } }, /must be positive integers/],
    [{ tile: TILE, overlap: 0.95 }, /overlap must lie between 0 and 0\.9/],
    [{ tile: { rows: 99, columns: 99 } }, /at most 16777216 pixels together/],
  ] as const;
  for (const [options, message] of cases) {
    await assert.rejects(Detector.open("nano", options), {
      name: "FrameError",
      message,
    });
  }
});
