import assert from "node:assert/strict";
import type { Detection } from "../../lib/detector/detector.ts";
import { CategoryTally } from "../../lib/evaluation/category_tally.ts";
import type { PreparedImage } from "../../lib/evaluation/prepare.ts";

const SIDE = 4;

interface Shown {
  readonly label: 0 | 1 | null;
  readonly masked?: boolean;
}

function image({ label, masked = false }: Shown): PreparedImage {
  const pixels = new Uint8Array(SIDE * SIDE * 3);
  const mask = masked ? new Uint8Array(SIDE * SIDE).fill(1, 0, 3) : null;
  const sample = {
    key: "a.png",
    category: "a",
    label,
    defect: null,
    image: () => Promise.resolve({ width: SIDE, height: SIDE, data: pixels }),
    mask: null,
  };
  return {
    ...{ sample, width: SIDE, height: SIDE, pixels, mask },
    map: { width: SIDE, height: SIDE },
    maskNotes: [],
    imageNotes: [],
    largestSample: null,
    damage: null,
  };
}

function detection(seed: number): Detection {
  const logitMap = Float32Array.from(
    { length: SIDE * SIDE },
    (_, i) => Math.sin(seed * 17 + i * i),
  );
  const scoreLogit = Math.max(...logitMap);
  const anomalyMap = logitMap.map((x) => 1 / (1 + Math.exp(-x)));
  return { anomalyMap, logitMap, imageScore: 0.5, scoreLogit, milliseconds: 1 };
}

const SHOWN: readonly Shown[] = [
  { label: 0 },
  { label: 1, masked: true },
  { label: 1 },
  { label: null },
  { label: 0 },
  { label: 1, masked: true },
  { label: 0 },
];

function tallyOf(indices: readonly number[]): CategoryTally {
  const tally = new CategoryTally();
  for (const i of indices) tally.add(image(SHOWN[i]!), detection(i));
  return tally;
}

Deno.test("CategoryTally.merge() gives what adding all images gives", () => {
  const whole = tallyOf([0, 1, 2, 3, 4, 5, 6]);
  whole.addFailure();
  const merged = new CategoryTally();
  for (const part of [[6, 1], [3], [], [5, 2, 0], [4]]) {
    merged.merge(tallyOf(part).state());
  }
  const failed = new CategoryTally();
  failed.addFailure();
  merged.merge(failed.state());
  assert.deepEqual(merged.state(), whole.state());
  assert.deepEqual(merged.summary(), whole.summary());
  assert.deepEqual(merged.curves(), whole.curves());
  assert.notEqual(merged.summary().aupro, null);
});

Deno.test("CategoryTally.summary() counts labels and masks, and doubts what overlaps", () => {
  const tally = tallyOf([0, 1, 2, 3, 4, 5, 6]);
  tally.addFailure();
  const { images, errors, good, defective, unlabelled, masks } = tally
    .summary();
  assert.deepEqual(
    { images, errors, good, defective, unlabelled, masks },
    { images: 8, errors: 1, good: 3, defective: 3, unlabelled: 1, masks: 2 },
  );
  const { intervals, warnings } = tally.summary();
  assert.ok(intervals.i_auroc![0] <= 0.5);
  assert.ok(warnings?.includes("chance"));
});

Deno.test("CategoryTally.summary() measures each kind of defect against all good images", () => {
  const tally = new CategoryTally();
  const add = (label: 0 | 1, scoreLogit: number, defect: string | null) => {
    const shown = image({ label });
    const sample = { ...shown.sample, defect };
    tally.add({ ...shown, sample }, { ...detection(1), scoreLogit });
  };
  for (const score of [1, 2, 3, 4]) add(0, score, null);
  add(1, 5, "crack");
  add(1, 2.5, "dent");
  add(1, 0, "dent");
  const { kinds, i_auroc } = tally.summary();
  assert.equal(i_auroc, 0.5);
  assert.deepEqual(kinds?.crack, { images: 1, i_auroc: 1 });
  assert.equal(kinds?.dent?.images, 2);
  assert.equal(kinds?.dent?.i_auroc, 0.25);
  assert.ok(kinds?.dent?.interval);
});

Deno.test("CategoryTally.merge() gives no intervals of pixels where parts lack them", () => {
  const { groups: _, ...older } = tallyOf([1, 2]).state();
  const tally = tallyOf([0, 5, 4]);
  tally.merge(older);
  assert.deepEqual(Object.keys(tally.summary().intervals), [
    "i_auroc",
    "i_ap",
    "i_f1max",
  ]);
});

Deno.test("CategoryTally.state() holds no pixels where none have a label", () => {
  assert.equal(tallyOf([3]).state().pixels, null);
  assert.equal(tallyOf([2]).state().pixels, null);
  assert.notEqual(tallyOf([0]).state().pixels, null);
});

Deno.test("CategoryTally.merge() refuses what is cut off, and adds nothing", () => {
  const { pixels, ...rest } = tallyOf([0, 1]).state();
  const tally = new CategoryTally();
  const cut = { ...rest, pixels: pixels!.slice(0, 20) };
  assert.throws(() => tally.merge(cut), { name: "RangeError" });
  assert.equal(tally.summary().images, 0);
});
