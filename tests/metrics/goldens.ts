/**
 * The expectations of tests/golden/metrics/goldens.py, unpacked.
 *
 * @module
 */
import assert from "node:assert/strict";
import goldens from "../golden/metrics/goldens.json" with { type: "json" };
import type { DefectMask } from "../../lib/metrics/connected_components.ts";
import { PixelCounts } from "../../lib/metrics/pixel_counts.ts";

/** Image scores and their figures. */
export const IMAGE_GOLDENS: typeof goldens.images = goldens.images;

/** Masks and their regions. */
export const COMPONENT_GOLDENS: typeof goldens.components = goldens.components;

/** Maps and masks of one category, and their figures. */
export type PixelGolden = typeof goldens.pixels[number];

/** All categories. */
export const PIXEL_GOLDENS: readonly PixelGolden[] = goldens.pixels;

/** The category of that name. */
export function pixelGolden(name: string): PixelGolden {
  const golden = PIXEL_GOLDENS.find((golden) => golden.name === name);
  assert.ok(golden, `no golden is called ${name}`);
  return golden;
}

/** Bytes of a base64 field. */
export function unpack(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.fromBase64(base64);
}

/** The images of a category. */
export function goldenMaps(
  golden: PixelGolden,
): { logits: Float16Array; mask: DefectMask }[] {
  const { images, width, height } = golden;
  const size = width * height;
  const logits = new Float16Array(unpack(golden.logits).buffer);
  const bits = unpack(golden.masks);
  const masks = Uint8Array.from(
    logits,
    (_, i) => bits[i >> 3]! >> (i & 7) & 1,
  );
  return Array.from({ length: images }, (_, k) => ({
    logits: logits.slice(k * size, (k + 1) * size),
    mask: { width, height, data: masks.slice(k * size, (k + 1) * size) },
  }));
}

/** The counts of a category. */
export function goldenCounts(golden: PixelGolden): PixelCounts {
  const counts = new PixelCounts();
  for (const { logits, mask } of goldenMaps(golden)) counts.add(logits, mask);
  return counts;
}

/** Fails unless two numbers differ by at most `tolerance`. */
export function assertClose(
  actual: number | null,
  expected: number,
  tolerance: number,
): void {
  assert.ok(
    actual !== null && Math.abs(actual - expected) <= tolerance,
    `${actual} is not within ${tolerance} of ${expected}`,
  );
}
