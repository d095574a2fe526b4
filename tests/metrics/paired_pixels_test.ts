import assert from "node:assert/strict";
import {
  meanInterval,
  percentileInterval,
} from "../../lib/metrics/bootstrap.ts";
import { pixelDifferences } from "../../lib/metrics/paired_pixels.ts";
import { PixelCounts } from "../../lib/metrics/pixel_counts.ts";
import { PixelGroups } from "../../lib/metrics/pixel_groups.ts";
import {
  readPixelGroups,
  writePixelGroups,
} from "../../lib/results/pixel_groups_file.ts";
import { randomNumbers } from "./synthetic_maps.ts";

const SIDE = 16;

/** Good and defective images, and a model that sees defects more or less. */
function runOf(contrast: number, count = 24) {
  const random = randomNumbers(7);
  const counts = new PixelCounts();
  const groups = new PixelGroups();
  for (let k = 0; k < count; k++) {
    const isDefective = k % 2 === 1;
    const data = new Uint8Array(SIDE * SIDE);
    if (isDefective) data.fill(1, 32 + k, 48 + k);
    const logits = Float16Array.from(
      data,
      (lit) => 4 * random() + contrast * lit - 4,
    );
    const mask = isDefective ? { width: SIDE, height: SIDE, data } : null;
    counts.add(logits, mask);
    groups.add(`${k}.png`, logits, mask);
  }
  const values = {
    auroc: counts.auroc().value,
    averagePrecision: counts.averagePrecision().value,
    f1Max: counts.f1Max().value,
    aupro: counts.aupro().value,
    aupro200: counts.aupro200().value,
  };
  return { groups, values };
}

Deno.test("pixelDifferences() tells a better model from a worse one", () => {
  const [weak, strong] = [runOf(0.5), runOf(2)];
  const found = pixelDifferences(
    [weak.groups, strong.groups],
    [weak.values, strong.values],
  );
  const { values, difference, interval } = found!.auroc!;
  assert.deepEqual(values, [weak.values.auroc, strong.values.auroc]);
  assert.equal(difference, values[1] - values[0]);
  assert.ok(interval[0] > 0, `${interval}`);
  assert.ok(interval[0] < difference && difference < interval[1]);
});

Deno.test("pixelDifferences() of a model and itself are nothing", () => {
  const { groups, values } = runOf(1);
  const found = pixelDifferences([groups, groups], [values, values]);
  assert.deepEqual(found!.aupro?.interval, [0, 0]);
});

Deno.test("pixelDifferences() needs the same images in both runs", () => {
  const [all, some] = [runOf(1), runOf(1, 20)];
  const found = pixelDifferences(
    [all.groups, some.groups],
    [all.values, some.values],
  );
  assert.equal(found, null);
});

Deno.test("readPixelGroups() gives what writePixelGroups() kept, in fewer groups", async () => {
  const { groups, values } = runOf(1, 60);
  const bytes = writePixelGroups(new Map([["nut", groups], ["é", groups]]));
  const read = await readPixelGroups(bytes);
  assert.deepEqual([...read.keys()], ["nut", "é"]);
  const kept = read.get("nut")!;
  assert.deepEqual(kept.toBytes(), groups.folded(256).toBytes());
  assert.ok(groups.folded(4).ofLabel(0).size <= 4);
  const whole = pixelDifferences([kept, kept], [values, values]);
  assert.deepEqual(whole!.auroc?.interval, [0, 0]);
});

Deno.test("meanInterval() of one part is its own, of several narrower", () => {
  const random = randomNumbers(3);
  const draws = () => Float64Array.from({ length: 1000 }, () => random());
  const parts = new Map(["a", "b", "c", "d"].map((name) => [name, draws()]));
  const one = meanInterval(new Map([["a", parts.get("a")!]]));
  assert.deepEqual(one, percentileInterval(parts.get("a")!));
  const [low, high] = meanInterval(parts)!;
  // Four uniform numbers have a mean with a deviation of 1 / sqrt(48).
  assert.ok(Math.abs(low - 0.22) < 0.03 && Math.abs(high - 0.78) < 0.03);
  const turned = new Map([...parts].toReversed());
  assert.deepEqual(meanInterval(turned), [low, high]);
  assert.equal(meanInterval(new Map()), null);
});

Deno.test("meanInterval() shuffles parts of the same draws by their names", () => {
  const same = Float64Array.from({ length: 1000 }, (_, i) => i);
  const [low, high] = meanInterval(new Map([["a", same], ["b", same]]))!;
  assert.ok(low > 60 && high < 940, `${low} ${high}`);
});
