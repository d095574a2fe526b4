/**
 * Two simple baselines for nano.
 *
 * @module
 */
import type { Detection, DetectorInput } from "../../lib/detector/detector.ts";
import type { ImageDetector } from "../../lib/evaluation/image_detector.ts";
import type { RgbImage } from "../../lib/image/image.ts";
import { resizeBicubic } from "../../lib/image/resample.ts";

/** Pixels per row and column, as nano has. */
const SIDE = 112;

/** Computes a map from an image [side, side, 3]. */
type Rule = (pixels: Uint8Array) => Float32Array; // [side, side]

function detection(map: Float32Array): Detection {
  const anomalyMap = map.map((value) => 1 / (1 + Math.exp(-value)));
  return {
    anomalyMap,
    logitMap: map,
    imageScore: anomalyMap.reduce((a, b) => Math.max(a, b)),
    scoreLogit: map.reduce((a, b) => Math.max(a, b)),
    milliseconds: 0,
  };
}

function detector(rule: Rule): ImageDetector {
  return {
    side: SIDE,
    sessions: 1,
    preprocess: (image: RgbImage) => resizeBicubic(image, SIDE, SIDE).data,
    detect: (inputs: readonly DetectorInput[]) =>
      Promise.resolve(inputs.map(({ pixels }) => detection(rule(pixels)))),
  };
}

/** Distance of each pixel from the mean colour of the image, 0 to 1. */
export function colourDistance(pixels: Uint8Array): Float32Array {
  const count = pixels.length / 3;
  const mean = [0, 0, 0];
  pixels.forEach((value, i) => mean[i % 3]! += value / count);
  return Float32Array.from({ length: count }, (_, i) => {
    const apart = mean.map((value, c) => pixels[3 * i + c]! - value);
    return Math.hypot(...apart) / Math.hypot(255, 255, 255);
  });
}

/** The same blob for every image, with 1 in the middle. */
export function centredBlob(pixels: Uint8Array): Float32Array {
  const count = pixels.length / 3;
  const side = Math.sqrt(count);
  const middle = (side - 1) / 2;
  return Float32Array.from({ length: count }, (_, i) => {
    const x = (i % side - middle) / side;
    const y = (Math.floor(i / side) - middle) / side;
    return Math.exp(-(x * x + y * y) / (2 * 0.2 * 0.2));
  });
}

/** The baselines by name. */
export const BASELINES: Readonly<Record<string, ImageDetector>> = {
  "distance from the mean colour": detector(colourDistance),
  "centred blob": detector(centredBlob),
};
