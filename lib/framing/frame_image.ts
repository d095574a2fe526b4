/**
 * From images to the squares that a model reads.
 *
 * @module
 */
import { ImageDecodeError, type Mask, type RgbImage } from "../image/image.ts";
import { resizeBicubic } from "../image/resample.ts";
import {
  type FramePlan,
  type FrameRules,
  planFrame,
  type TilePlace,
} from "./frame.ts";
import { mirrored } from "./mirrored.ts";
import {
  assertRegion,
  countedPixels,
  paintOutside,
} from "./region_of_interest.ts";

/** Where a model looks in one image, and what of it counts. */
export interface Frame extends Omit<FramePlan, "covered"> {
  /** 1 for each pixel of the map that counts; null where all do. */
  readonly counted: Uint8Array | null; // [map.height, map.width]
}

/** An image as a model reads it. */
export interface FramedImage {
  /** Its tiles, one after the other. */
  readonly pixels: Uint8Array; // [T, side, side, 3]
  /** Where they lie. */
  readonly frame: Frame;
}

/** How {@linkcode frameImage} lays an image. */
export interface FrameImageOptions extends FrameRules {
  /** Outside of it nothing counts; undefined for the whole image. */
  readonly region?: Mask | undefined;
}

/** Cuts a square out of an image, which goes on as its own mirror image. */
function cutTile(
  { width, height, data }: RgbImage,
  { left, top }: TilePlace,
  tile: { readonly side: number; readonly pixels: Uint8Array },
): void {
  const { side, pixels } = tile;
  const columns = Array.from(
    { length: side },
    (_, x) => 3 * mirrored(left + x, width),
  );
  let to = 0;
  for (let y = 0; y < side; y++) {
    const row = 3 * width * mirrored(top + y, height);
    for (const column of columns) {
      const from = row + column;
      pixels[to++] = data[from]!;
      pixels[to++] = data[from + 1]!;
      pixels[to++] = data[from + 2]!;
    }
  }
}

/** The part of the map that tiles cover; null where it is the whole map. */
function coveredPixels({ map, covered }: FramePlan): Uint8Array | null {
  const isWhole = covered.left <= 0 && covered.top <= 0 &&
    covered.left + covered.width >= map.width &&
    covered.top + covered.height >= map.height;
  if (isWhole) return null;
  const data = new Uint8Array(map.width * map.height);
  for (let y = 0; y < map.height; y++) {
    if (y < covered.top || y >= covered.top + covered.height) continue;
    const start = y * map.width + covered.left;
    data.fill(1, start, start + covered.width);
  }
  return data;
}

function both(a: Uint8Array | null, b: Uint8Array | null): Uint8Array | null {
  if (a === null || b === null) return a ?? b;
  return a.map((value, i) => value & b[i]!);
}

/** Whether a tile shows any pixel that counts. */
function showsCounted(
  { left, top }: TilePlace,
  { map, side, counted }: Pick<Frame, "map" | "side" | "counted">,
): boolean {
  const [from, to] = [Math.max(left, 0), Math.min(left + side, map.width)];
  const first = Math.max(top, 0);
  const last = Math.min(top + side, map.height);
  if (from >= to || first >= last) return false;
  if (counted === null) return true;
  for (let y = first; y < last; y++) {
    const row = y * map.width;
    if (counted.subarray(row + from, row + to).includes(1)) return true;
  }
  return false;
}

/**
 * Lays an image before a model.
 *
 * @param image The image.
 * @param options The rules, and the region of interest.
 * @returns The tiles that show something that counts.
 * @throws {ImageDecodeError} If the region does not fit the image, or the image
 * is too long.
 */
export function frameImage(
  image: RgbImage,
  { region, ...rules }: FrameImageOptions,
): FramedImage {
  if (region !== undefined) assertRegion(region, image);
  const { covered, places, ...plan } = planFrame(image, rules);
  const { map, side } = plan;
  const inside = region === undefined ? null : countedPixels(region, map);
  const counted = both(
    inside,
    coveredPixels({ ...plan, places, covered }),
  );
  const shown = places.filter((place) =>
    showsCounted(place, { ...plan, counted })
  );
  if (shown.length === 0) {
    throw new ImageDecodeError(
      "Cannot look at the image as its region of interest must lie in the " +
        "part that is not cropped: it lies outside",
    );
  }
  const painted = inside === null || region === undefined
    ? image
    : paintOutside(image, region);
  const resized = resizeBicubic(painted, map.width, map.height);
  const size = side * side * 3;
  const pixels = new Uint8Array(shown.length * size);
  shown.forEach((place, i) => {
    const tile = pixels.subarray(i * size, (i + 1) * size);
    cutTile(resized, place, { side, pixels: tile });
  });
  return { pixels, frame: { ...plan, places: shown, counted } };
}

/**
 * Puts the tiles of an image together again, in the size of its map. What no
 * tile shows is black.
 *
 * @param framed The tiles.
 */
export function joinPixels({ pixels, frame }: FramedImage): RgbImage {
  const { map: { width, height }, side, places } = frame;
  const data = new Uint8Array(width * height * 3);
  places.forEach(({ left, top }, i) => {
    const [from, to] = [Math.max(left, 0), Math.min(left + side, width)];
    const last = Math.min(top + side, height);
    for (let y = Math.max(top, 0); y < last; y++) {
      const start = 3 * ((i * side + y - top) * side + from - left);
      const row = pixels.subarray(start, start + 3 * (to - from));
      data.set(row, 3 * (y * width + from));
    }
  });
  return { width, height, data };
}
