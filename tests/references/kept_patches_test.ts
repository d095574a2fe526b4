import assert from "node:assert/strict";
import { keepPatches } from "../../lib/references/kept_patches.ts";
import { MOST_PATCHES } from "../../lib/references/memory.ts";

/** Patches of two features: the image's number, and the patch's. */
function numbered(images: number, patches: number): Float32Array[] {
  return Array.from(
    { length: images },
    (_, k) =>
      Float32Array.from(
        { length: 2 * patches },
        (_, i) => i % 2 === 0 ? k : Math.floor(i / 2),
      ),
  );
}

Deno.test("keepPatches() keeps all patches in order", () => {
  const { rows, owners } = keepPatches(numbered(2, 3), 2);
  assert.deepEqual([...rows], [0, 0, 0, 1, 0, 2, 1, 0, 1, 1, 1, 2]);
  assert.deepEqual([...owners], [0, 0, 0, 1, 1, 1]);
});

Deno.test("keepPatches() keeps a random part of very many, the same each time", () => {
  const images = numbered(30, 1000);
  const { rows, owners } = keepPatches(images, 2);
  assert.equal(owners.length, MOST_PATCHES);
  const kept = Array.from(owners, (owner, i) => {
    assert.equal(rows[2 * i], owner);
    return owner * 1000 + rows[2 * i + 1]!;
  });
  assert.deepEqual(kept, [...new Set(kept)].sort((a, b) => a - b));
  for (let k = 0; k < 30; k++) {
    const count = kept.filter((at) => Math.floor(at / 1000) === k).length;
    assert(count > 600 && count < 735, `${count} of image ${k}`);
  }
  assert.deepEqual(keepPatches(images, 2).rows, rows);
});
