import assert from "node:assert/strict";
import { KindPixels } from "../../lib/evaluation/kind_pixels.ts";
import { PixelCounts } from "../../lib/metrics/pixel_counts.ts";

const SIDE = 8;

/** A map of pseudo-random logits, and a defect of some pixels or none. */
function mapOf(seed: number, isDefective: boolean) {
  const logits = Float16Array.from(
    { length: SIDE * SIDE },
    (_, i) => 4 * Math.sin(seed * 31 + i * i * 0.7),
  );
  const data = new Uint8Array(SIDE * SIDE).fill(1, seed, seed + 9);
  const mask = isDefective ? { width: SIDE, height: SIDE, data } : null;
  return { logits, mask };
}

const GOOD = [1, 2, 3].map((seed) => mapOf(seed, false));
const BAD = ["crack", "dent", "crack", "", "dent"].map((kind, i) => ({
  kind,
  ...mapOf(10 + i, true),
}));

function countsOf(
  images: readonly Pick<typeof GOOD[number], "logits" | "mask">[],
): PixelCounts {
  const counts = new PixelCounts();
  for (const { logits, mask } of images) counts.add(logits, mask);
  return counts;
}

function kindsOf(images: typeof BAD): KindPixels {
  const kinds = new KindPixels();
  for (const { kind, logits, mask } of images) kinds.add(kind, logits, mask!);
  return kinds;
}

Deno.test("KindPixels.metrics() are those of one kind beside all good images", () => {
  const all = countsOf([...GOOD, ...BAD]);
  const metrics = kindsOf(BAD).metrics(all);
  assert.deepEqual([...metrics.keys()], ["crack", "dent"]);
  for (const [kind, found] of metrics) {
    const alone = countsOf([
      ...GOOD,
      ...BAD.filter((image) => image.kind === kind),
    ]);
    assert.deepEqual(found, {
      p_auroc: alone.auroc().value,
      p_ap: alone.averagePrecision().value,
      p_f1max: alone.f1Max().value,
      aupro: alone.aupro().value,
      aupro_200: alone.aupro200().value,
    });
  }
});

Deno.test("KindPixels.merge() gives the same in any order", () => {
  const all = countsOf([...GOOD, ...BAD]);
  const merged = new KindPixels();
  merged.merge(kindsOf(BAD.slice(3)).state());
  merged.merge(kindsOf(BAD.slice(0, 3).toReversed()).state());
  assert.deepEqual(merged.state(), kindsOf(BAD).state());
  assert.deepEqual(merged.metrics(all), kindsOf(BAD).metrics(all));
});

Deno.test("KindPixels has none where there are too many kinds, or a part has none", () => {
  const many = Array.from({ length: 65 }, (_, i) => ({
    kind: `${i}`,
    ...mapOf(i % 20, true),
  }));
  assert.equal(kindsOf(many).state(), null);
  assert.equal(kindsOf(many).metrics(countsOf(many)).size, 0);
  const merged = kindsOf(BAD);
  merged.merge(null);
  assert.equal(merged.state(), null);
});

Deno.test("PixelCounts.without() takes a part away again", () => {
  const rest = countsOf([...GOOD, ...BAD]).without(countsOf(BAD));
  assert.deepEqual(rest.toBytes(), countsOf(GOOD).toBytes());
});
