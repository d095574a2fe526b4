/**
 * How many tiles suit an image.
 *
 * @module
 */
import type { ImageSize } from "../image/image.ts";
import { axisOf, type TileAxis, type TileSizes } from "./tile_axis.ts";

/** Sides that differ by more are far from a square. */
const FAR_ASPECT = 1.5;

/** A shorter side of more squares of the model is far too large for one. */
const FAR_SHRINK = 4;

/** Most tiles of an image: each takes the time of an image. */
const MOST_TILES = 64;

/** Tiles that cover a length. */
function tilesOver(
  length: number,
  { side, overlap }: TileSizes,
): number {
  if (length <= side) return 1;
  // 1.4 squares with an overlap of 0.6 are two tiles, not three.
  return Math.ceil((length / side - overlap) / (1 - overlap) - 1e-9);
}

/** Makes tiles as large together as they are with the least overlap. */
function grown(
  axes: readonly [TileAxis, TileAxis],
  rules: TileSizes,
): [TileAxis, TileAxis] {
  const factor = Math.min(
    ...axes.map(({ count, length }) => axisOf(count, rules).length / length),
  );
  if (factor <= 1) return [...axes];
  const grow = ({ count, length }: TileAxis): TileAxis => ({
    count,
    length: Math.round(length * factor),
  });
  return [grow(axes[0]), grow(axes[1])];
}

/**
 * Chooses tiles by the size of an image. One that is nearly square, and not
 * much larger than the model's, stays whole. Tiles keep the proportions of any
 * other one; its shorter side is shrunk to a fourth at most, or further where
 * that would take more than 64 tiles. Of an image that is too long even so,
 * tiles overlap less, and at last it is squeezed.
 *
 * @param image The size of the image.
 * @param rules The model's side, and the least overlap.
 * @returns Both sides of all tiles together.
 */
export function autoTiles(
  image: ImageSize,
  rules: TileSizes,
): { readonly columns: TileAxis; readonly rows: TileAxis } {
  const { side } = rules;
  const { width, height } = image;
  const [short, long] = [Math.min(width, height), Math.max(width, height)];
  const aspect = long / short;
  const whole = { length: side, count: 1 };
  if (aspect <= FAR_ASPECT && short <= FAR_SHRINK * side) {
    return { columns: whole, rows: whole };
  }
  const axes = (squares: number): [TileAxis, TileAxis] => {
    const lengths = [squares, Math.min(squares * aspect, MOST_TILES)] as const;
    const [first, second] = lengths.map((squares) => {
      const length = Math.round(side * squares);
      return { length, count: tilesOver(length, rules) };
    });
    return [first!, second!];
  };
  let squares = Math.max(short / (FAR_SHRINK * side), 1);
  let [across, along] = axes(squares);
  while (squares > 1 && across.count * along.count > MOST_TILES) {
    squares = Math.max(squares * 0.95, 1);
    [across, along] = axes(squares);
  }
  along = { ...along, count: Math.min(along.count, MOST_TILES) };
  [across, along] = grown([across, along], rules);
  return width < height
    ? { columns: across, rows: along }
    : { columns: along, rows: across };
}
