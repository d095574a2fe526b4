import assert from "node:assert/strict";
import { keepPatches } from "../../lib/references/kept_patches.ts";

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

Deno.test("keepPatches() keeps all of few patches in order", async () => {
  const { rows, owners } = await keepPatches(numbered(2, 3), 2);
  assert.deepEqual([...rows], [0, 0, 0, 1, 0, 2, 1, 0, 1, 1, 1, 2]);
  assert.deepEqual([...owners], [0, 0, 0, 1, 1, 1]);
});

Deno.test("keepPatches() keeps a quarter that is spread over all, the same each time", async () => {
  const images = numbered(4, 1000);
  const { rows, owners } = await keepPatches(images, 2);
  assert.equal(owners.length, 1000);
  const kept = Array.from(owners, (owner, i) => {
    assert.equal(rows[2 * i], owner);
    return owner * 1000 + rows[2 * i + 1]!;
  });
  assert.deepEqual(kept, [...new Set(kept)].sort((a, b) => a - b));
  const seen = kept.map((at) => at % 1000).sort((a, b) => a - b);
  const gaps = seen.slice(1).map((at, i) => at - seen[i]!);
  assert(Math.max(...gaps, seen[0]!, 999 - seen.at(-1)!) <= 3);
  assert.deepEqual((await keepPatches(images, 2)).rows, rows);
});

Deno.test("keepPatches() takes images of different numbers of patches", async () => {
  const [one] = numbered(1, 1);
  const [, two] = numbered(2, 3);
  const { rows, owners } = await keepPatches([one!, two!], 2);
  assert.deepEqual([...rows], [0, 0, 1, 0, 1, 1, 1, 2]);
  assert.deepEqual([...owners], [0, 1, 1, 1]);
});

Deno.test("keepPatches() gives patches of others in place of those of an image left out", async () => {
  const images = numbered(4, 1000);
  const { owners, spareRows, sparesOf } = await keepPatches(images, 2);
  for (const [k, spares] of sparesOf.entries()) {
    assert.equal(spares.length, owners.filter((owner) => owner === k).length);
    assert(spares.every((spare) => spareRows[2 * spare] !== k));
  }
});

Deno.test("keepPatches() has no spares where all patches are kept", async () => {
  const { spareRows, sparesOf } = await keepPatches(numbered(2, 3), 2);
  assert.equal(spareRows.length, 0);
  assert.deepEqual(sparesOf.map((each) => each.length), [0, 0]);
});
