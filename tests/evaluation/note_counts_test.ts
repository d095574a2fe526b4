import assert from "node:assert/strict";
import { NoteCounts } from "../../lib/evaluation/note_counts.ts";

const NONE = { imageNotes: [], largestSample: null };

Deno.test("NoteCounts stores nothing where nothing was noted", () => {
  const counts = new NoteCounts();
  counts.add(NONE);
  assert.deepEqual(counts.state(), {});
  assert.deepEqual(counts.summary(), {});
});

Deno.test("NoteCounts merges to what all images give, in any order", () => {
  const images = [
    NONE,
    { imageNotes: ["turned", "damaged"] as const, largestSample: null },
    { imageNotes: ["sixteen_bits"] as const, largestSample: 4095 },
    { imageNotes: ["sixteen_bits", "turned"] as const, largestSample: 900 },
  ];
  const all = new NoteCounts();
  images.forEach((image) => all.add(image));
  assert.deepEqual(all.summary(), {
    image_notes: { turned: 2, damaged: 1, sixteen_bits: 2 },
    largest_sample: 4095,
  });
  for (const cut of [0, 1, 2, 3, 4]) {
    const [first, second] = [new NoteCounts(), new NoteCounts()];
    images.slice(0, cut).forEach((image) => first.add(image));
    images.slice(cut).forEach((image) => second.add(image));
    second.merge(first.state());
    assert.deepEqual(second.summary(), all.summary());
  }
});
