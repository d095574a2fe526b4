import assert from "node:assert/strict";
import {
  imageIntervals,
  type Interval,
  percentileInterval,
} from "../../lib/metrics/bootstrap.ts";
import { PixelCounts } from "../../lib/metrics/pixel_counts.ts";
import { PixelGroups } from "../../lib/metrics/pixel_groups.ts";
import goldens from "../golden/metrics/intervals.json" with { type: "json" };
import { unpack } from "./goldens.ts";

/** Fails unless both ends are within a quarter of the expected length. */
function assertNear(actual: Interval | undefined, expected: number[]): void {
  assert.ok(actual);
  const [low, high] = expected as unknown as Interval;
  const reach = (high - low) / 4;
  assert.ok(
    Math.abs(actual[0] - low) < reach && Math.abs(actual[1] - high) < reach,
    `${actual} is not near ${expected}`,
  );
}

function sorted(scores: readonly number[]): Float64Array {
  return Float64Array.from(scores).sort();
}

/** 8 x 8 pixels; from image 20 on, 3 x 3 of them are defective. */
const IMAGES = Array.from({ length: 40 }, (_, k) => {
  const logits = new Float16Array(unpack(goldens.pixels.logits).buffer)
    .slice(64 * k, 64 * (k + 1));
  if (k < 20) return { key: `good/${k}.png`, logits, mask: null };
  const data = new Uint8Array(64);
  for (let y = 2; y < 5; y++) data.fill(1, 8 * y + 3, 8 * y + 6);
  const mask = { width: 8, height: 8, data };
  return { key: `bad/${k}.png`, logits, mask };
});

function groupsOf(images: typeof IMAGES): PixelGroups {
  const groups = new PixelGroups();
  for (const { key, logits, mask } of images) groups.add(key, logits, mask);
  return groups;
}

function exactValues() {
  const counts = new PixelCounts();
  for (const { logits, mask } of IMAGES) counts.add(logits, mask);
  return {
    auroc: counts.auroc().value,
    averagePrecision: counts.averagePrecision().value,
    f1Max: counts.f1Max().value,
    aupro: counts.aupro().value,
    aupro200: counts.aupro200().value,
  };
}

Deno.test("percentileInterval() cuts 2.5 % off at either end", () => {
  const values = Float64Array.from({ length: 200 }, (_, i) => 199 - i);
  assert.deepEqual(percentileInterval(values), [5, 194]);
});

Deno.test("imageIntervals() agrees with NumPy's bootstrap", () => {
  const { good, defective, auroc, averagePrecision } = goldens.images;
  const found = imageIntervals({
    good: sorted(good),
    defective: sorted(defective),
  });
  assertNear(found?.auroc, auroc);
  assertNear(found?.averagePrecision, averagePrecision);
});

Deno.test("imageIntervals() are single points where nothing overlaps", () => {
  const found = imageIntervals({
    good: Float64Array.of(1, 2, 3),
    defective: Float64Array.of(4, 5),
  });
  assert.deepEqual(found, {
    auroc: [1, 1],
    averagePrecision: [1, 1],
    f1Max: [1, 1],
  });
});

Deno.test("imageIntervals() needs two images of each label", () => {
  const [one, two] = [Float64Array.of(1), Float64Array.of(0, 2)];
  assert.equal(imageIntervals({ good: one, defective: two }), null);
  assert.equal(imageIntervals({ good: two, defective: one }), null);
});

Deno.test("PixelGroups.intervals() agree with NumPy's bootstrap, around exact values", () => {
  const exact = exactValues();
  const found = groupsOf(IMAGES).intervals(exact);
  assertNear(found.auroc, goldens.pixels.auroc);
  for (const name of ["auroc", "averagePrecision", "f1Max", "aupro"] as const) {
    const [low, high] = found[name]!;
    assert.ok(low < exact[name]! && exact[name]! < high, name);
  }
});

Deno.test("PixelGroups.merge() gives the very same bytes and intervals in any order", () => {
  const whole = groupsOf(IMAGES);
  const merged = new PixelGroups();
  for (const [from, to] of [[25, 40], [0, 7], [7, 25]] as const) {
    const part = groupsOf(IMAGES.slice(from, to).reverse());
    merged.merge(PixelGroups.fromBytes(part.toBytes()));
  }
  assert.deepEqual(merged.toBytes(), whole.toBytes());
  const exact = exactValues();
  assert.deepEqual(merged.intervals(exact), whole.intervals(exact));
});

Deno.test("PixelGroups.intervals() leaves out what has no value, and single defective images", () => {
  const exact = { ...exactValues(), aupro200: null };
  assert.equal(groupsOf(IMAGES).intervals(exact).aupro200, undefined);
  assert.deepEqual(groupsOf(IMAGES.slice(0, 21)).intervals(exact), {});
});

Deno.test("PixelGroups.fromBytes() refuses what is cut off or no record", () => {
  const bytes = groupsOf(IMAGES).toBytes();
  for (const wrong of [bytes.slice(0, -1), bytes.slice(0, 3)]) {
    assert.throws(() => PixelGroups.fromBytes(wrong), { name: "RangeError" });
  }
});
