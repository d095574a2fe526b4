import assert from "node:assert/strict";
import {
  assertTiles,
  type FrameRules,
  planFrame,
} from "../../lib/framing/frame.ts";

const RULES: FrameRules = {
  side: 100,
  fit: "stretch",
  tile: { rows: 1, columns: 1 },
  overlap: 0.2,
};

Deno.test("planFrame() lays tiles that overlap by the part asked for, from edge to edge", () => {
  const tile = { rows: 1, columns: 3 };
  const plan = planFrame({ width: 777, height: 50 }, { ...RULES, tile });
  assert.deepEqual(plan.map, { width: 260, height: 100 });
  assert.deepEqual(plan.places.map(({ left }) => left), [0, 80, 160]);
});

Deno.test("planFrame() lays tiles side by side without overlap, and near with most", () => {
  const tile = { rows: 2, columns: 2 };
  const size = { width: 10, height: 10 };
  const apart = planFrame(size, { ...RULES, tile, overlap: 0 });
  assert.deepEqual(apart.map, { width: 200, height: 200 });
  const near = planFrame(size, { ...RULES, tile, overlap: 0.9 });
  assert.deepEqual(near.map, { width: 110, height: 110 });
  assert.deepEqual(near.places.at(-1), { left: 10, top: 10 });
});

Deno.test("planFrame() keeps the proportions of an image that is padded or cropped", () => {
  const size = { width: 400, height: 200 };
  const padded = planFrame(size, { ...RULES, fit: "pad" });
  assert.deepEqual(padded.map, { width: 100, height: 50 });
  assert.deepEqual(padded.places, [{ left: 0, top: -25 }]);
  const cropped = planFrame(size, { ...RULES, fit: "crop" });
  assert.deepEqual(cropped.map, { width: 200, height: 100 });
  assert.deepEqual(cropped.places, [{ left: 50, top: 0 }]);
});

Deno.test("planFrame() chooses tiles by the shape and size of an image", async (t) => {
  const cases = [
    { size: [1, 1], tiles: [1, 1] },
    { size: [390, 300], tiles: [1, 1] },
    { size: [200, 100], tiles: [1, 3] },
    { size: [100, 200], tiles: [3, 1] },
    { size: [4000, 100], tiles: [1, 50] },
    { size: [800, 800], tiles: [3, 3] },
    { size: [1, 5000], tiles: [64, 1] },
    { size: [100_000, 1000], tiles: [1, 64] },
  ] as const;
  for (const { size: [width, height], tiles: [rows, columns] } of cases) {
    await t.step(`${width} x ${height}`, () => {
      const rules: FrameRules = { ...RULES, tile: "auto" };
      const { tiles, map } = planFrame({ width, height }, rules);
      assert.deepEqual(tiles, { rows, columns });
      assert(map.width <= 6400 && map.height <= 6400);
    });
  }
});

Deno.test("planFrame() gives tiles that it chooses no more overlap than is asked for", () => {
  const rules: FrameRules = { ...RULES, tile: "auto" };
  const { map, places } = planFrame({ width: 640, height: 640 }, rules);
  // A fourth of the image takes 1.6 squares; two tiles show 1.8.
  assert.deepEqual(map, { width: 180, height: 180 });
  assert.deepEqual(places.at(-1), { left: 80, top: 80 });
});

Deno.test("planFrame() refuses to crop an image whose map would be too large", () => {
  const size = { width: 1, height: 50_000 };
  assert.throws(() => planFrame(size, { ...RULES, fit: "crop" }), {
    name: "ImageDecodeError",
    message: /^Cannot crop the image as its map must have at most 16777216 /,
  });
});

Deno.test("assertTiles() refuses tiles whose maps are too large together", () => {
  assertTiles({ rows: 40, columns: 40 }, { side: 100, overlap: 0 });
  const tiles = { rows: 50, columns: 50 };
  assert.throws(() => assertTiles(tiles, { side: 100, overlap: 0 }), {
    name: "FrameError",
    message: "Cannot lay tiles as their maps must have at most 16777216 " +
      "pixels together: current value is 25000000, 50 x 50 tiles of 100 pixels",
  });
});

Deno.test("planFrame() of a cropped image leaves the size of its tiles as it is", () => {
  const rules = {
    ...{ side: 8, fit: "crop", overlap: 0 } as const,
    tile: { rows: 1, columns: 2 },
  };
  const plan = planFrame({ width: 100, height: 100 }, rules);
  assert.deepEqual(plan.map, { width: 16, height: 16 });
  assert.deepEqual(plan.places.map(({ top }) => top), [4, 4]);
});
