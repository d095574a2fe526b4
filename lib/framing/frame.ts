/**
 * Where a model looks in an image: one square, or tiles that overlap.
 *
 * The whole image is resized once, to the size of its map; tiles are squares of
 * it. Every place is therefore a whole number of pixels, and a map covers its
 * image from edge to edge.
 *
 * @module
 */
import type { ImageSize } from "../image/image.ts";
import { ImageDecodeError } from "../image/image.ts";
import { autoTiles } from "./auto_tiles.ts";
import { axisOf, type TileAxis, type TileSizes } from "./tile_axis.ts";

/**
 * How an image is fitted to the model's square, or to the rectangle of its
 * tiles: stretched to it, kept whole in its proportions with its mirror image
 * beside it, or cut to its middle in its proportions.
 */
export type Fit = "stretch" | "pad" | "crop";

/** Rows and columns of tiles. */
export interface TileCount {
  /** Tiles one below the other. */
  readonly rows: number;
  /** Tiles side by side. */
  readonly columns: number;
}

/** How images are laid before a model. */
export interface FrameRules {
  /** Side of the model's square, in pixels. */
  readonly side: number;
  /** How images are fitted. */
  readonly fit: Fit;
  /** The tiles; `auto` for as many as suit the size of each image. */
  readonly tile: TileCount | "auto";
  /** Least part of a tile that it shares with the next one, 0 to 0.9. */
  readonly overlap: number;
}

/** The left upper corner of a tile, in pixels of the map. */
export interface TilePlace {
  /** Its first column; negative where it starts before the image. */
  readonly left: number;
  /** Its first row; negative where it starts above the image. */
  readonly top: number;
}

/** Where a model looks in one image. */
export interface FramePlan {
  /** Size of the map, which covers the whole image. */
  readonly map: ImageSize;
  /** Side of the tiles, in pixels of the map. */
  readonly side: number;
  /** How many tiles there are. */
  readonly tiles: TileCount;
  /** Where they are, row by row. */
  readonly places: readonly TilePlace[];
  /** The part of the map that tiles cover. */
  readonly covered: TilePlace & ImageSize;
}

/**
 * Thrown when images cannot be laid as asked. No other `RangeError` is: one may
 * be a failed allocation.
 */
export class FrameError extends RangeError {
  /** Its name. */
  override name = "FrameError";
}

/** Most pixels of a map: it is held several times, as numbers of 8 bytes. */
const MOST_MAP_PIXELS = 2 ** 24;

/**
 * Checks that the maps of some tiles are not too large.
 *
 * @throws {FrameError} If they are.
 */
export function assertTiles(
  { rows, columns }: TileCount,
  rules: TileSizes,
): void {
  const pixels = axisOf(rows, rules).length * axisOf(columns, rules).length;
  if (pixels <= MOST_MAP_PIXELS) return;
  throw new FrameError(
    `Cannot lay tiles as their maps must have at most ${MOST_MAP_PIXELS} ` +
      `pixels together: current value is ${pixels}, ${rows} x ${columns} ` +
      `tiles of ${rules.side} pixels`,
  );
}

/** Where the tiles along a side start, spread evenly. */
function startsOf({ length, count }: TileAxis, side: number): number[] {
  return Array.from(
    { length: count },
    (_, i) => count === 1 ? 0 : Math.round(i * (length - side) / (count - 1)),
  );
}

/** Size of the whole image beside tiles of this size together. */
function mapSize(image: ImageSize, tiles: ImageSize, fit: Fit): ImageSize {
  if (fit === "stretch") return tiles;
  const scales = [tiles.width / image.width, tiles.height / image.height];
  const scale = fit === "pad" ? Math.min(...scales) : Math.max(...scales);
  const length = (name: "width" | "height") => {
    const exact = Math.max(1, Math.round(image[name] * scale));
    const limit = fit === "pad" ? Math.min : Math.max;
    return limit(exact, tiles[name]);
  };
  return { width: length("width"), height: length("height") };
}

function assertMap({ width, height }: ImageSize, image: ImageSize): void {
  if (width * height <= MOST_MAP_PIXELS) return;
  throw new ImageDecodeError(
    `Cannot crop the image as its map must have at most ${MOST_MAP_PIXELS} ` +
      `pixels: it has ${width} x ${height} for ${image.width} x ` +
      `${image.height} (tiles fit such an image better)`,
    { reason: "too_large" },
  );
}

/**
 * Says where a model looks in an image.
 *
 * @param image Its size.
 * @param rules How it is laid before the model.
 * @throws {ImageDecodeError} If it is so long that its map would be too large.
 */
export function planFrame(image: ImageSize, rules: FrameRules): FramePlan {
  const { side, fit, tile } = rules;
  const { columns, rows } = tile === "auto" ? autoTiles(image, rules) : {
    columns: axisOf(tile.columns, rules),
    rows: axisOf(tile.rows, rules),
  };
  const tiles = { width: columns.length, height: rows.length };
  const map = mapSize(image, tiles, fit);
  assertMap(map, image);
  // Half of what is left over lies on either side.
  const left = Math.floor((map.width - tiles.width) / 2);
  const top = Math.floor((map.height - tiles.height) / 2);
  return {
    map,
    side,
    tiles: { rows: rows.count, columns: columns.count },
    places: startsOf(rows, side).flatMap((y) =>
      startsOf(columns, side).map((x) => ({ left: left + x, top: top + y }))
    ),
    covered: { left, top, ...tiles },
  };
}
