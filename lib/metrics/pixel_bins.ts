/**
 * What pixel metrics are computed from: sums for each float16 value of the
 * logit map, and their bytes.
 *
 * @module
 */
import { type RecordKind, RecordReader, RecordWriter } from "./byte_record.ts";
import type { RegionRanking } from "./aupro.ts";
import {
  DESCENDING_PATTERNS,
  FLOAT16_PATTERNS,
  isCounted,
  type WideSums,
} from "./float16_tally.ts";

const KIND: RecordKind = { name: "pixel counts", magic: "MFPP", version: 1 };
const WORD = 2 ** 32;

/** Exact sums, indexed by float16 bit pattern; nothing at -0 and NaN. */
export interface PixelBins {
  /** Pixels with that value. */
  readonly pixels: Float64Array; // [65536]
  /** Defective pixels with that value. */
  readonly defective: Float64Array; // [65536]
  /** Sum of the region weights of those defective pixels. */
  readonly weights: WideSums;
}

/** Ranks pixels by value. */
export function rankBins(bins: PixelBins): RegionRanking {
  const { pixels, defective, weights: { high, low } } = bins;
  const patterns = DESCENDING_PATTERNS.filter((bits) => pixels[bits]! > 0);
  const truePositives = new Float64Array(patterns.length);
  const falsePositives = new Float64Array(patterns.length);
  const regionOverlap = new Float64Array(patterns.length);
  let hits = 0;
  let alarms = 0;
  let weight = 0;
  for (const [k, bits] of patterns.entries()) {
    hits += defective[bits]!;
    alarms += pixels[bits]! - defective[bits]!;
    weight += high[bits]! * WORD + low[bits]!;
    truePositives[k] = hits;
    falsePositives[k] = alarms;
    regionOverlap[k] = weight;
  }
  return {
    scores: Float64Array.from(new Float16Array(patterns.buffer)),
    truePositives,
    falsePositives,
    // The weights of a region sum to 2^40 only nearly; dividing by the sum of
    // all, not by 2^40 x regions, makes the curve end at 1.
    regionOverlap: regionOverlap.map((sum) => sum / weight),
  };
}

/**
 * Packs bins: for each pattern that occurs, the gap to it, its pixels, its
 * defective pixels, and their weights where there are any.
 */
export function encodeBins(bins: PixelBins): Uint8Array {
  const { pixels, defective, weights: { high, low } } = bins;
  const writer = new RecordWriter(KIND);
  writer.integer(pixels.reduce((n, count) => n + Number(count > 0), 0));
  let next = 0;
  for (let bits = 0; bits < FLOAT16_PATTERNS; bits++) {
    if (pixels[bits] === 0) continue;
    writer.integer(bits - next);
    writer.integer(pixels[bits]!);
    writer.integer(defective[bits]!);
    if (defective[bits]! > 0) {
      writer.integer(high[bits]!);
      writer.integer(low[bits]!);
    }
    next = bits + 1;
  }
  return writer.finish();
}

/**
 * Unpacks what {@linkcode encodeBins} made.
 *
 * @throws {RangeError} If the bytes are not whole pixel counts.
 */
export function decodeBins(bytes: Uint8Array): PixelBins {
  const reader = new RecordReader(KIND, bytes);
  const pixels = new Float64Array(FLOAT16_PATTERNS);
  const defective = new Float64Array(FLOAT16_PATTERNS);
  const high = new Float64Array(FLOAT16_PATTERNS);
  const low = new Float64Array(FLOAT16_PATTERNS);
  let next = 0;
  for (let left = reader.integer(); left > 0; left--) {
    const bits = next + reader.integer();
    if (!isCounted(bits)) {
      reader.refuse("must count float16 numbers", `pattern ${bits}`);
    }
    const all = pixels[bits] = reader.integer();
    const some = defective[bits] = reader.integer();
    if (all === 0 || some > all) {
      reader.refuse(
        "must count pixels, all or some of them defective",
        `${some} defective of ${all}`,
      );
    }
    if (some > 0) {
      high[bits] = reader.integer();
      low[bits] = reader.integer();
      if (low[bits] >= WORD || high[bits] + low[bits] === 0) {
        reader.refuse(
          "must weigh defective pixels",
          `words ${high[bits]} and ${low[bits]}`,
        );
      }
    }
    next = bits + 1;
  }
  reader.finish();
  return { pixels, defective, weights: { high, low } };
}
