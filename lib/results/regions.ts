/**
 * Regions: the connected parts of an anomaly map above a pixel threshold.
 *
 * An image that is called defective has at least one, and an image called good
 * has none. The score may reach its threshold where no pixel reaches that of
 * pixels: the score is taken before the map is enlarged and smoothed, and some
 * methods add the class token. Then the regions are where the map is highest,
 * and say so with `below_threshold`.
 *
 * @module
 */
// @ts-types="@types/d3-contour"
import { contours } from "d3-contour";
import type { Point } from "../image/image.ts";
import { connectedComponents } from "../metrics/connected_components.ts";
import { leastCounted, LEFT_OUT } from "../metrics/left_out.ts";

/** A part of an image that looks anomalous, in pixels of the image. */
export interface Region {
  /** Left, top, width and height of the box around it. */
  readonly box: readonly [number, number, number, number];
  /** Number of pixels. */
  readonly area: number;
  /** Where the map is highest. */
  readonly peak: Point;
  /** The logit of M there. */
  readonly peak_logit: number;
  /** Mean of its pixels. */
  readonly centroid: Point;
  /** Its outline, without the point that closes it. */
  readonly polygon: readonly Point[];
  /**
   * True where no pixel of the image reaches the pixel threshold, and the region
   * is only where the map is highest.
   *
   * @default {false}
   */
  readonly below_threshold?: true;
}

/** A map of an image, and the size of that image. */
export interface RegionMap {
  /** log M - log(1 - M). */
  readonly logitMap: Float32Array; // [rows, columns]
  /** Values per row of the map. */
  readonly columns: number;
  /** Rows of the map. */
  readonly rows: number;
  /** Pixels per row of the image. */
  readonly width: number;
  /** Rows of the image. */
  readonly height: number;
}

/** Options of {@linkcode findRegions}. */
export interface RegionOptions {
  /** Least logit of a pixel that belongs to a region. */
  readonly threshold: number;
  /**
   * Regions of fewer pixels of the image are left out.
   *
   * @default {0}
   */
  readonly minArea?: number;
}

/** Pixels of one region of the map, and the columns and rows they span. */
interface Pixels {
  readonly at: readonly number[];
  readonly left: number;
  readonly top: number;
  /** One past the last column. */
  readonly right: number;
  /** One past the last row. */
  readonly bottom: number;
}

function span(at: readonly number[], columns: number): Pixels {
  let [left, right] = [Infinity, 0];
  for (const index of at) {
    left = Math.min(left, index % columns);
    right = Math.max(right, index % columns + 1);
  }
  // Pixels are in raster order.
  const top = Math.floor(at[0]! / columns);
  const bottom = Math.floor(at.at(-1)! / columns) + 1;
  return { at, left, top, right, bottom };
}

function groupPixels(mask: Uint8Array, map: RegionMap): Pixels[] {
  const { columns: width, rows: height } = map;
  const found = connectedComponents({ width, height, data: mask });
  const groups: number[][] = Array.from(found.areas, () => []);
  found.regions.forEach((region, run) => {
    const end = found.ends[run]!;
    for (let at = found.starts[run]!; at < end; at++) groups[region]!.push(at);
  });
  return groups.map((at) => span(at, width));
}

/** Keeps two decimals, which are finer than any map. */
function round(value: number): number {
  return Math.round(value * 100) / 100;
}

/**
 * The outline of a region at the threshold, interpolated between pixels. The
 * map around it is taken as below the threshold, so that a neighbour that only
 * touches a corner does not join.
 */
function outline(
  { at, left, top, right, bottom }: Pixels,
  { columns, logitMap }: RegionMap,
  threshold: number,
): Point[] {
  const size: [number, number] = [right - left + 2, bottom - top + 2];
  const values = new Array<number>(size[0] * size[1]).fill(threshold - 1);
  for (const index of at) {
    const x = index % columns - left + 1;
    const y = Math.floor(index / columns) - top + 1;
    values[y * size[0] + x] = logitMap[index]!;
  }
  const [longest = []] = contours().size(size).contour(values, threshold)
    .coordinates.map(([ring = []]) => ring)
    .sort((a, b) => b.length - a.length);
  return longest.slice(0, -1).map(([x, y]) => [x! + left - 1, y! + top - 1]);
}

function centreOf(at: readonly number[], columns: number): [number, number] {
  let [x, y] = [0, 0];
  for (const index of at) {
    x += index % columns;
    y += Math.floor(index / columns);
  }
  return [x / at.length + 0.5, y / at.length + 0.5];
}

function describe(
  pixels: Pixels,
  map: RegionMap,
  threshold: number,
): Region {
  const { columns, rows, width, height, logitMap } = map;
  const { at } = pixels;
  const [scaleX, scaleY] = [width / columns, height / rows];
  const toPoint = ([x, y]: readonly [number, number]): Point => [
    round(Math.min(Math.max(x * scaleX, 0), width)),
    round(Math.min(Math.max(y * scaleY, 0), height)),
  ];
  const peak = at.reduce((a, b) => logitMap[b]! > logitMap[a]! ? b : a);
  const [left, top] = toPoint([pixels.left, pixels.top]);
  const [right, bottom] = toPoint([pixels.right, pixels.bottom]);
  return {
    box: [left, top, round(right - left), round(bottom - top)],
    area: Math.round(at.length * scaleX * scaleY),
    peak: toPoint([peak % columns + 0.5, Math.floor(peak / columns) + 0.5]),
    peak_logit: logitMap[peak]!,
    centroid: toPoint(centreOf(at, columns)),
    polygon: outline(pixels, map, threshold).map(toPoint),
  };
}

/**
 * Finds the regions of a map: 8-connected pixels at or above a threshold.
 *
 * @param map The map, and the size of its image.
 * @param options The threshold, and the smallest region.
 * @returns The regions in pixels of the image, the highest peak first.
 * @throws {TypeError} If the map does not have columns x rows values.
 */
export function findRegions(
  map: RegionMap,
  { threshold, minArea = 0 }: RegionOptions,
): Region[] {
  const least = leastCounted(threshold);
  const mask = Uint8Array.from(
    map.logitMap,
    (logit) => logit >= least ? 1 : 0,
  );
  return groupPixels(mask, map)
    .map((pixels) => describe(pixels, map, least))
    .filter(({ area }) => area >= minArea)
    .sort((a, b) => b.peak_logit - a.peak_logit);
}

/**
 * Where no pixel reaches the threshold, regions reach down from the highest pixel
 * by this part of the way to the mean of the map.
 */
const PEAK_PART = 0.25;

/**
 * The least logit of the regions of an image that is called defective: the pixel
 * threshold, or less where no pixel reaches it.
 *
 * @param logitMap log M - log(1 - M).
 * @param pixelThreshold Least logit of a pixel that belongs to a region.
 */
export function regionLevel(
  logitMap: Float32Array,
  pixelThreshold: number,
): number {
  const least = leastCounted(pixelThreshold);
  let [highest, sum, count] = [-Infinity, 0, 0];
  for (const logit of logitMap) {
    if (logit === LEFT_OUT) continue;
    highest = Math.max(highest, logit);
    sum += logit;
    count++;
  }
  if (count === 0 || highest >= least) return least;
  return highest - PEAK_PART * (highest - sum / count);
}

/**
 * The regions of an image that is called defective: one at least, unless none of
 * its pixels counts.
 *
 * @param map The map, and the size of its image.
 * @param pixelThreshold Least logit of a pixel that belongs to a region.
 * @returns The regions in pixels of the image, the highest peak first.
 * @throws {TypeError} If the map does not have columns x rows values.
 */
export function regionsOfDefective(
  map: RegionMap,
  pixelThreshold: number,
): Region[] {
  const threshold = regionLevel(map.logitMap, pixelThreshold);
  const regions = findRegions(map, { threshold });
  return threshold < leastCounted(pixelThreshold)
    ? regions.map((region) => ({ ...region, below_threshold: true }))
    : regions;
}
