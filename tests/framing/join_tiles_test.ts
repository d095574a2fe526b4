import assert from "node:assert/strict";
import type { FrameRules } from "../../lib/framing/frame.ts";
import { type Frame, frameImage } from "../../lib/framing/frame_image.ts";
import { joinTiles } from "../../lib/framing/join_tiles.ts";
import { smoothMap } from "../../lib/framing/smooth_map.ts";
import { LEFT_OUT } from "../../lib/metrics/left_out.ts";

const SIDE = 8;

function frameOf(
  rules: Partial<FrameRules>,
  size = { width: 40, height: 20 },
): Frame {
  const data = new Uint8Array(size.width * size.height * 3);
  const tile = { rows: 2, columns: 3 };
  const all = { side: SIDE, fit: "stretch", tile, overlap: 0.4 } as const;
  return frameImage({ ...size, data }, { ...all, ...rules }).frame;
}

function flat(logit: number, scoreLogit = logit) {
  return { logitMap: new Float32Array(SIDE * SIDE).fill(logit), scoreLogit };
}

Deno.test("joinTiles() keeps a map constant that is so in all tiles, to the bit", () => {
  for (const fit of ["stretch", "pad"] as const) {
    const frame = frameOf({ fit });
    const tiles = frame.places.map(() => flat(Math.fround(-3.1)));
    const joined = joinTiles(frame, tiles, { isMaximum: true });
    assert(joined.logitMap.every((logit) => logit === Math.fround(-3.1)));
    assert.equal(joined.logitMap.length, frame.map.width * frame.map.height);
    assert.equal(joined.scoreLogit, Math.fround(-3.1));
  }
});

Deno.test("joinTiles() puts a spot where all tiles see it", () => {
  const frame = frameOf({});
  const { width, height } = frame.map;
  const seen = new Float32Array(width * height).fill(-5);
  const spot = 7 * width + 9; // in the overlap of four tiles
  seen[spot] = 4;
  const tiles = frame.places.map(({ left, top }) => ({
    ...flat(-5),
    logitMap: Float32Array.from({ length: SIDE * SIDE }, (_, i) => {
      const [x, y] = [left + i % SIDE, top + Math.floor(i / SIDE)];
      return seen[y * width + x]!;
    }),
  }));
  assert.deepEqual(joinTiles(frame, tiles, { isMaximum: true }).logitMap, seen);
});

Deno.test("joinTiles() passes over from tile to tile without a step", () => {
  const frame = frameOf({ tile: { rows: 1, columns: 2 }, overlap: 0.5 });
  const { logitMap } = joinTiles(frame, [flat(0), flat(8)], {
    isMaximum: true,
  });
  const row = logitMap.subarray(0, frame.map.width);
  assert.deepEqual([...row], [0, 0, 0, 0, 1, 3, 5, 7, 8, 8, 8, 8]);
});

Deno.test("joinTiles() takes the highest score of the tiles", () => {
  const frame = frameOf({});
  const tiles = frame.places.map((_, i) => flat(-9, i === 4 ? 2.5 : -1));
  for (const isMaximum of [true, false]) {
    assert.equal(joinTiles(frame, tiles, { isMaximum }).scoreLogit, 2.5);
  }
});

Deno.test("joinTiles() leaves out what does not count, in map and score", () => {
  const frame = frameOf({ tile: { rows: 1, columns: 1 }, fit: "pad" });
  assert.deepEqual(frame.map, { width: 8, height: 4 });
  const tile = flat(-9, 7);
  tile.logitMap[0] = 7; // above the image
  tile.logitMap[3 * SIDE + 5] = 1;
  const counted = new Uint8Array(32).fill(1, 0, 8);
  const framed = { ...frame, counted };
  const joined = joinTiles(framed, [tile], { isMaximum: true });
  assert.equal(joined.scoreLogit, -9);
  assert.deepEqual([...joined.logitMap.subarray(0, 8)], Array(8).fill(-9));
  assert(joined.logitMap.subarray(8).every((logit) => logit === LEFT_OUT));
  // A score that is no maximum cannot be taken apart.
  assert.equal(joinTiles(framed, [tile], { isMaximum: false }).scoreLogit, 7);
});

Deno.test("joinTiles() enlarges maps that are smaller than the tiles", () => {
  const frame = frameOf({});
  const tiles = frame.places.map(() => ({
    logitMap: new Float32Array(4).fill(2),
    scoreLogit: 2,
  }));
  const { logitMap } = joinTiles(frame, tiles, { isMaximum: true });
  assert(logitMap.every((logit) => logit === 2));
});

Deno.test("smoothMap() keeps a constant map, and what does not count", () => {
  const map = new Float32Array(60).fill(-2);
  map.fill(LEFT_OUT, 0, 10);
  const smoothed = smoothMap(map, { width: 10, height: 6 }, 1.5);
  smoothed.forEach((logit, i) => {
    if (i < 10) return assert.equal(logit, LEFT_OUT);
    assert(Math.abs(logit + 2) < 1e-5);
  });
});
