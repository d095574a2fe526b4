import assert from "node:assert/strict";
import { countedPatches } from "../../lib/framing/counted_patches.ts";
import type { Frame } from "../../lib/framing/frame_image.ts";

const FRAME: Frame = {
  map: { width: 8, height: 4 },
  side: 8,
  tiles: { rows: 1, columns: 1 },
  places: [{ left: 0, top: -2 }],
  counted: null,
};

Deno.test("countedPatches() leaves out patches beside the image", () => {
  assert.deepEqual(
    [...countedPatches(FRAME, 0, 4)!],
    [0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0],
  );
});

Deno.test("countedPatches() keeps a patch that a region of interest touches", () => {
  const counted = new Uint8Array(32);
  counted[3] = 1;
  const found = countedPatches({ ...FRAME, counted }, 0, 4)!;
  assert.deepEqual([...found.subarray(4, 8)], [0, 1, 0, 0]);
  assert.equal(found.reduce((a, b) => a + b), 1);
});

Deno.test("countedPatches() is null where all count", () => {
  const map = { width: 8, height: 8 };
  const places = [{ left: 0, top: 0 }];
  assert.equal(countedPatches({ ...FRAME, map, places }, 0, 4), null);
});
