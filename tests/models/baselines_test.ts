import assert from "node:assert/strict";
import {
  BASELINES,
  centredBlob,
  colourDistance,
} from "../../models/nano/baselines.ts";

Deno.test("colourDistance() is largest where the colour is rare", () => {
  const pixels = new Uint8Array(4 * 4 * 3).fill(100);
  pixels.set([250, 10, 10], 15);
  const map = colourDistance(pixels);
  assert.equal(map.indexOf(Math.max(...map)), 5);
  assert.equal(new Set(map).size, 2);
  assert(map.every((value) => value >= 0 && value <= 1));
});

Deno.test("colourDistance() is 0 for a single colour", () => {
  const map = colourDistance(new Uint8Array(12).fill(7));
  assert.deepEqual([...map], [0, 0, 0, 0]);
});

Deno.test("centredBlob() falls from the middle outwards, whatever is shown", () => {
  const map = centredBlob(new Uint8Array(5 * 5 * 3));
  assert.equal(map.indexOf(Math.max(...map)), 12);
  assert(map[12]! > map[11]! && map[11]! > map[10]! && map[10]! > map[0]!);
  assert.deepEqual(map, centredBlob(new Uint8Array(75).fill(9)));
});

for (const [name, detector] of Object.entries(BASELINES)) {
  Deno.test(`BASELINES scores an image by the largest value of its map: ${name}`, async () => {
    const width = 30;
    const data = new Uint8Array(width * width * 3).map((_, i) => i % 251);
    const pixels = detector.preprocess({ width, height: width, data });
    const [found] = await detector.detect([{ pixels, category: "bolt" }]);
    const { side } = detector;
    assert.equal(found!.logitMap.length, side * side);
    assert.equal(found!.scoreLogit, Math.max(...found!.logitMap));
    assert.equal(found!.imageScore, Math.max(...found!.anomalyMap));
  });
}
