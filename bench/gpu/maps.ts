/**
 * How far the maps of one provider lie from those of another.
 *
 * @module
 */
import { Detector } from "../../lib/detector/detector.ts";
import type { Provider } from "../../lib/onnx/session.ts";

/** The precisions that a card is measured in. */
export type Precision = "f32" | "f16";

/** Where and how a network runs. */
export interface Running {
  readonly provider: Provider;
  readonly precision: Precision;
}

/** What a detector makes of two images. */
export interface Maps {
  readonly scores: readonly number[];
  readonly logits: Float32Array;
}

/** Bytes that look like an image to a network. */
export function pixels(side: number, seed: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(
    { length: side * side * 3 },
    (_, i) => ((i + seed * 977) * 7919 >> 3) % 256,
  );
}

/** Runs two images through a model. */
export async function mapsOf(model: string, how: Running): Promise<Maps> {
  await using detector = await Detector.open(model, how);
  const inputs = [1, 2].map((seed) => ({
    pixels: pixels(detector.side, seed),
    category: "metal_nut",
  }));
  const found = await detector.detect(inputs);
  const size = found[0]!.logitMap.length;
  const logits = new Float32Array(size * found.length);
  found.forEach(({ logitMap }, i) => logits.set(logitMap, i * size));
  return { scores: found.map(({ scoreLogit }) => scoreLogit), logits };
}

/** How far apart maps and scores are. */
export interface Difference {
  /** Largest difference of S before its sigmoid. */
  readonly scoreLogit: number;
  /** Largest difference of a logit map, in parts of `range`. */
  readonly logitMap: number;
  /** The largest logit less the least one; small for random weights. */
  readonly range: number;
}

/**
 * The largest differences of S before its sigmoid, and of logit maps in parts of
 * their range.
 */
export function difference(
  found: Maps,
  expected: Maps,
): Difference {
  let least = Infinity;
  let largest = -Infinity;
  let off = 0;
  for (const [i, x] of expected.logits.entries()) {
    least = Math.min(least, x);
    largest = Math.max(largest, x);
    // NaN must not pass for 0.
    const apart = Math.abs(x - found.logits[i]!);
    off = Number.isNaN(apart) ? Infinity : Math.max(off, apart);
  }
  return {
    scoreLogit: Math.max(
      ...expected.scores.map((score, i) => Math.abs(score - found.scores[i]!)),
    ),
    logitMap: off / (largest - least),
    range: largest - least,
  };
}
