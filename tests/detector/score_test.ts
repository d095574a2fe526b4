import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { Detector } from "../../lib/detector/detector.ts";
import type { ImageSource } from "../../lib/detector/image_source.ts";
import { decodeImage } from "../../lib/image/decode.ts";
import { identifyFormat } from "../../lib/image/format.ts";
import { temporaryFolder } from "../checkpoint/temporary.ts";

const IMAGES = ["coffee.jpg", "chelsea.png"].map((name) =>
  new URL(`../golden/mfp_clip/images/${name}`, import.meta.url)
);
const [COFFEE, CHELSEA] = IMAGES as [URL, URL];
const FILE = await Deno.readFile(COFFEE);

function openNano(object?: string): Promise<Detector> {
  return Detector.open("nano", {
    threads: 1,
    ...object !== undefined && { object },
  });
}

Deno.test("Detector.score() takes a path, a URL, a Blob, bytes or pixels", async () => {
  await using detector = await openNano();
  const decoded = await decodeImage(FILE);
  const pixels = detector.preprocess(decoded);
  const input = { pixels, category: "object" };
  const [expected] = await detector.detect([input]);
  const sources: ImageSource[] = [
    fileURLToPath(COFFEE),
    COFFEE,
    COFFEE.href,
    new Blob([FILE]),
    FILE,
    FILE.buffer,
    decoded,
    `data:image/jpeg;base64,${FILE.toBase64()}`,
  ];
  for (const source of sources) {
    const found = await detector.score(source);
    const { imageScore, scoreLogit, anomalyMap, logitMap } = expected!;
    assert.equal(found.source, source);
    assert.equal(found.category, "object");
    assert.equal(found.score, imageScore);
    assert.equal(found.scoreLogit, scoreLogit);
    const size = { width: detector.side, height: detector.side };
    assert.deepEqual(found.map, { ...size, data: anomalyMap });
    assert.deepEqual(found.logitMap, { ...size, data: logitMap });
  }
});

Deno.test("Detector.score() uses the category, else the detector's object", async () => {
  await using detector = await openNano("cup");
  await using other = await openNano();
  const cup = await detector.score(FILE);
  assert.equal(cup.category, "cup");
  const named = await other.score(FILE, { category: "cup" });
  assert.equal(named.scoreLogit, cup.scoreLogit);
  assert.notEqual((await other.score(FILE)).scoreLogit, cup.scoreLogit);
});

Deno.test("Detector.score() refuses what is no image, and names it", async () => {
  await using folder = await temporaryFolder();
  await using detector = await openNano();
  const path = await folder.write("part.jpg", "no image");
  await assert.rejects(detector.score(path), (error: Error) => {
    assert.equal(error.name, "ImageDecodeError");
    assert.ok(error.message.startsWith(`Cannot decode ${path} as its format`));
    return true;
  });
  await assert.rejects(detector.score(new Uint8Array(3)), {
    name: "ImageDecodeError",
    message: /^Cannot decode the image as its format must be PNG/,
  });
  await assert.rejects(detector.score(`${path}.png`), Deno.errors.NotFound);
  const image = { width: 2, height: 2, data: new Uint8Array(16) };
  await assert.rejects(detector.score(image), {
    name: "TypeError",
    message: "Cannot use an image as its data must hold width x height x 3 " +
      "bytes: current value is 16 bytes for 2 x 2",
  });
});

Deno.test("Detector.scoreAll() answers in the order of the images", async () => {
  await using detector = await openNano();
  const expected = [];
  for (const image of [COFFEE, CHELSEA, COFFEE]) {
    expected.push((await detector.score(image)).scoreLogit);
  }
  const images = [COFFEE, CHELSEA, COFFEE];
  const found = await Array.fromAsync(detector.scoreAll(images));
  assert.deepEqual(found.map(({ source }) => source), images);
  assert.deepEqual(found.map(({ scoreLogit }) => scoreLogit), expected);
  const batches = detector.scoreAll(ReadableStream.from(images), {
    batchSize: 2,
  });
  const batched = await Array.fromAsync(batches);
  for (const [i, { scoreLogit }] of batched.entries()) {
    assert.ok(Math.abs(scoreLogit - expected[i]!) < 1e-4);
  }
});

Deno.test("Detector.scoreAll() leaves out images that fail, or ends", async () => {
  await using detector = await openNano();
  const images = [COFFEE, new Uint8Array(3), CHELSEA];
  const failed: unknown[] = [];
  const options = {
    onError: (_: unknown, image: unknown) => failed.push(image),
  };
  const found = await Array.fromAsync(detector.scoreAll(images, options));
  assert.deepEqual(found.map(({ source }) => source), [COFFEE, CHELSEA]);
  assert.deepEqual(failed, [images[1]]);
  const all = Array.fromAsync(detector.scoreAll(images));
  await assert.rejects(all, { name: "ImageDecodeError" });
});

Deno.test("ScoredImage.heatmap() draws the map at the image's size", async () => {
  await using detector = await openNano();
  const image = await decodeImage(FILE);
  const found = await detector.score(image);
  assert.deepEqual([found.width, found.height], [image.width, image.height]);
  const jpeg = await found.heatmap("jpeg");
  assert.equal(identifyFormat(jpeg), "JPEG");
  for (const bytes of [jpeg, await found.heatmap()]) {
    const { width, height } = await decodeImage(bytes);
    assert.deepEqual([width, height], [image.width, image.height]);
  }
});

Deno.test("ScoredImage.heatmap() draws the map in a range, at its own size", async () => {
  await using detector = await openNano();
  const found = await detector.score(COFFEE);
  const lowest = Math.min(...found.map.data);
  const range = [lowest, found.score] as const;
  const png = await found.heatmap("png", { range, size: "map" });
  const { width, height, data } = await decodeImage(png);
  assert.deepEqual([width, height], [detector.side, detector.side]);
  const at = 3 * found.map.data.indexOf(found.score);
  // The last colour of Turbo, as d3-scale-chromatic has it.
  assert.deepEqual([...data.subarray(at, at + 3)], [144, 12, 0]);
});

Deno.test("Detector.score() does nothing once its signal is aborted", async () => {
  await using detector = await openNano();
  const signal = AbortSignal.abort(new Error("enough"));
  await assert.rejects(detector.score(FILE, { signal }), { message: "enough" });
});
