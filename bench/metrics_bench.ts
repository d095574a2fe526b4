/**
 * Pixel metrics of one category, over the images of
 * tests/metrics/synthetic_maps.ts. tests/golden/metrics/field_timing.py times
 * scikit-learn and the field's AUPRO on the same pixels.
 *
 * @module
 */
import { connectedComponents } from "../lib/metrics/connected_components.ts";
import { PixelCounts } from "../lib/metrics/pixel_counts.ts";
import {
  type SyntheticMap,
  syntheticMap,
} from "../tests/metrics/synthetic_maps.ts";

/** Images of one category and their side: the last is 50 million pixels. */
const SIZES = [
  { images: 186, side: 224 },
  { images: 186, side: 518 },
];

/** Shards that the merged category comes in. */
const SHARDS = 8;

function count(maps: SyntheticMap[]): PixelCounts {
  const counts = new PixelCounts();
  for (const { logits, mask } of maps) counts.add(logits, mask);
  return counts;
}

for (const { images, side } of SIZES) {
  const maps = Array.from({ length: images }, (_, i) => syntheticMap(i, side));
  const group = `metrics ${images} x ${side} x ${side}`;
  const counted = count(maps);
  const shard = counted.toBytes();

  Deno.bench(`${group}: add up the pixels`, { group, baseline: true }, () => {
    let sum = 0;
    for (const { logits } of maps) {
      for (let i = 0; i < logits.length; i++) sum += logits[i]!;
    }
    if (Number.isNaN(sum)) throw new RangeError("The maps hold NaN");
  });

  Deno.bench(`${group}: AUROC + AP + AUPRO`, { group }, () => {
    const counts = count(maps);
    counts.auroc();
    counts.averagePrecision();
    counts.aupro();
  });

  Deno.bench(`${group}: components alone`, { group }, () => {
    for (const { mask } of maps) if (mask !== null) connectedComponents(mask);
  });

  Deno.bench(`${group}: all figures, counted`, { group }, () => {
    counted.auroc();
    counted.averagePrecision();
    counted.f1Max();
    counted.aupro();
    counted.aupro200();
  });

  Deno.bench(`${group}: merge ${SHARDS} shards`, { group }, () => {
    const merged = new PixelCounts();
    for (let i = 0; i < SHARDS; i++) {
      merged.merge(PixelCounts.fromBytes(shard));
    }
  });
}
