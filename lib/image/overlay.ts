/**
 * An anomaly map drawn over its photograph, in the photograph's own size.
 *
 * @module
 */
import { type ColouriseOptions, colourLevels, toLevels } from "./colour_map.ts";
import type { ImageSize, Mask, Point, RgbImage } from "./image.ts";
import { BILINEAR, resample } from "./resample.ts";

/** A closed line on an image, in its pixels. */
export type Outline = readonly Point[];

/** Options of {@linkcode overlayMap}. */
export interface OverlayOptions extends ColouriseOptions {
  /**
   * How strongly the hottest colour covers the photograph, 0 to 1. Colder ones
   * cover it less, the coldest not at all, so that a good part stays as it is.
   *
   * @default {0.6}
   */
  readonly opacity?: number;
  /** Lines drawn on top, such as the outlines of regions. */
  readonly outlines?: readonly Outline[];
}

/** Red and white: seen on dark, bright and coloured products. */
const LINE = [255, 32, 32] as const;
const HALO = [255, 255, 255] as const;

/**
 * One pixel of line for each 500 pixels of the longer side, but no more than a
 * hundredth of the shorter one, which lines would cover.
 */
function lineWidth({ width, height }: ImageSize): number {
  const most = Math.min(width, height) / 100;
  return Math.max(1, Math.round(Math.min(Math.max(width, height) / 500, most)));
}

type Colour = readonly [number, number, number];

function paintSquare(
  image: RgbImage,
  [x, y]: readonly [number, number],
  { radius, colour }: { radius: number; colour: Colour },
): void {
  const { width, height, data } = image;
  const top = Math.max(Math.floor(y - radius), 0);
  const bottom = Math.min(Math.floor(y + radius), height - 1);
  const left = Math.max(Math.floor(x - radius), 0);
  const right = Math.min(Math.floor(x + radius), width - 1);
  for (let row = top; row <= bottom; row++) {
    for (let column = left; column <= right; column++) {
      data.set(colour, (row * width + column) * 3);
    }
  }
}

function drawLine(
  image: RgbImage,
  outline: Outline,
  pen: { radius: number; colour: Colour },
): void {
  outline.forEach(([x0, y0], i) => {
    const [x1, y1] = outline[(i + 1) % outline.length]!;
    const steps = Math.ceil(Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0), 1));
    for (let step = 0; step < steps; step++) {
      const t = step / steps;
      paintSquare(image, [x0 + (x1 - x0) * t, y0 + (y1 - y0) * t], pen);
    }
  });
}

/**
 * Draws an anomaly map over a photograph.
 *
 * @param image The photograph.
 * @param map M, `[height, width]`; it covers the whole photograph.
 * @param options The map's size, the range of colours, and lines on top.
 * @returns A new image of the photograph's size.
 * @throws {TypeError} If the map does not fit its size.
 * @throws {RangeError} If the range is empty or a value is NaN.
 */
export function overlayMap(
  image: RgbImage,
  map: Float32Array,
  { opacity = 0.6, outlines = [], ...options }: OverlayOptions,
): RgbImage {
  const raster = { ...options, channels: 1, data: toLevels(map, options) };
  const { width, height } = image;
  const levels = resample(raster, { width, height, filter: BILINEAR }).data;
  const { data } = colourLevels(levels, image);
  for (let i = 0; i < levels.length; i++) {
    const share = opacity * levels[i]! / 255;
    for (let c = i * 3; c < i * 3 + 3; c++) {
      const below = image.data[c]!;
      data[c] = Math.round(below + (data[c]! - below) * share);
    }
  }
  const overlay = { width, height, data };
  const radius = lineWidth(image);
  for (const outline of outlines) {
    drawLine(overlay, outline, { radius: radius + 1, colour: HALO });
  }
  for (const outline of outlines) {
    drawLine(overlay, outline, { radius: radius / 2, colour: LINE });
  }
  return overlay;
}

/**
 * The pixels of an image whose map lies at or above a threshold.
 *
 * @param map The map, `[height, width]`.
 * @param size The map's size.
 * @param options The size of the image, and the threshold.
 * @returns 1 at and above the threshold, in the size of the image; between the
 * values of the map it is interpolated linearly.
 */
export function thresholdMap(
  map: Float32Array,
  size: ImageSize,
  { width, height, threshold }: ImageSize & { readonly threshold: number },
): Mask {
  const columns = linearTaps(size.width, width);
  const rows = linearTaps(size.height, height);
  const data = new Uint8Array(width * height);
  let to = 0;
  for (const { at: y, next: below, share: v } of rows) {
    const [upper, lower] = [y * size.width, below * size.width];
    for (const { at: x, next: right, share: u } of columns) {
      const top = mix(map[upper + x]!, map[upper + right]!, u);
      const bottom = mix(map[lower + x]!, map[lower + right]!, u);
      data[to++] = mix(top, bottom, v) >= threshold ? 1 : 0;
    }
  }
  return { width, height, data };
}

function mix(a: number, b: number, share: number): number {
  return a + (b - a) * share;
}

/** For each target sample, two source samples and the share of the second. */
function linearTaps(
  source: number,
  target: number,
): { at: number; next: number; share: number }[] {
  return Array.from({ length: target }, (_, i) => {
    const centre = (i + 0.5) * source / target - 0.5;
    const place = Math.min(Math.max(centre, 0), source - 1);
    const at = Math.floor(place);
    return { at, next: Math.min(at + 1, source - 1), share: place - at };
  });
}
