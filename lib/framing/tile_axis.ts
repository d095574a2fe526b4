/**
 * A side of all tiles together.
 *
 * @module
 */

/** Length of a side of all tiles together, and how many lie along it. */
export interface TileAxis {
  /** Pixels. */
  readonly length: number;
  /** Tiles. */
  readonly count: number;
}

/** Sizes of tiles. */
export interface TileSizes {
  /** Side of a tile, in pixels. */
  readonly side: number;
  /** Least part of a tile that it shares with the next one, 0 to 0.9. */
  readonly overlap: number;
}

/** The side of a number of tiles that overlap. */
export function axisOf(
  count: number,
  { side, overlap }: TileSizes,
): TileAxis {
  return {
    count,
    length: Math.round(side * (1 + (count - 1) * (1 - overlap))),
  };
}
