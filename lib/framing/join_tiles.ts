/**
 * From what a model says of tiles to one map and one score.
 *
 * @module
 */
import { BILINEAR, type Filter } from "../image/resample.ts";
import { LEFT_OUT } from "../metrics/left_out.ts";
import type { Frame } from "./frame_image.ts";

/** What a model says of one tile. */
export interface TileFinding {
  /** log M - log(1 - M). */
  readonly logitMap: Float32Array; // [S, S]
  /** The image score of the tile as log odds. */
  readonly scoreLogit: number;
}

/** What is said of the whole image. */
export interface JoinedTiles {
  /** log M - log(1 - M); {@linkcode LEFT_OUT} where nothing counts. */
  readonly logitMap: Float32Array; // [map.height, map.width]
  /** The image score as log odds. */
  readonly scoreLogit: number;
}

/** M of a logit. */
export function toProbability(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}

/**
 * The weights of the pixels of a tile along a side: most in the middle, so that
 * tiles which overlap pass over into one another.
 */
function tent(side: number): Float64Array {
  return Float64Array.from(
    { length: side },
    (_, i) => Math.min(i + 0.5, side - i - 0.5),
  );
}

/** Does something with each pixel of a tile that lies on the map. */
function eachPixel(
  { map, side, places }: Frame,
  tile: number,
  visit: (onMap: number, inTile: number, x: number, y: number) => void,
): void {
  const { left, top } = places[tile]!;
  const [firstX, firstY] = [Math.max(-left, 0), Math.max(-top, 0)];
  const lastX = Math.min(side, map.width - left);
  const lastY = Math.min(side, map.height - top);
  for (let y = firstY; y < lastY; y++) {
    const row = (top + y) * map.width + left;
    for (let x = firstX; x < lastX; x++) visit(row + x, y * side + x, x, y);
  }
}

/** Mean of the tiles' maps, weighed by how near their middles are. */
function blend(
  frame: Frame,
  maps: readonly Float32Array[], // each [side, side]
): Float32Array {
  const { map: { width, height }, side, counted } = frame;
  const sums = new Float64Array(width * height);
  const weights = new Float64Array(width * height);
  const weightOf = tent(side);
  maps.forEach((map, tile) =>
    eachPixel(frame, tile, (onMap, inTile, x, y) => {
      const weight = weightOf[x]! * weightOf[y]!;
      sums[onMap]! += weight * map[inTile]!;
      weights[onMap]! += weight;
    })
  );
  return Float32Array.from(
    sums,
    (sum, i) =>
      weights[i] === 0 || counted?.[i] === 0 ? LEFT_OUT : sum / weights[i]!,
  );
}

/** Linear interpolation between the centres of pixels, [S, S] to [side, side]. */
function enlarged(map: Float32Array, side: number): Float32Array {
  const size = Math.sqrt(map.length);
  if (size === side) return map;
  const { weight }: Filter = BILINEAR;
  const taps = Array.from({ length: side }, (_, i) => {
    const centre = (i + 0.5) * size / side - 0.5;
    const place = Math.min(Math.max(centre, 0), size - 1);
    const at = Math.floor(place);
    const next = Math.min(at + 1, size - 1);
    return { at, next, near: weight(place - at), far: 1 - weight(place - at) };
  });
  const out = new Float32Array(side * side);
  taps.forEach((y, row) =>
    taps.forEach((x, column) => {
      const value = (of: number) =>
        map[of * size + x.at]! * x.near + map[of * size + x.next]! * x.far;
      out[row * side + column] = value(y.at) * y.near + value(y.next) * y.far;
    })
  );
  return out;
}

/** Whether all of a tile counts, and lies on the map. */
function countsWhole(frame: Frame, tile: number): boolean {
  const { side, counted } = frame;
  let count = 0;
  eachPixel(frame, tile, (onMap) => {
    if (counted === null || counted[onMap] === 1) count++;
  });
  return count === side * side;
}

/** The highest value of a tile's map that counts. */
function highest(frame: Frame, tile: number, map: Float32Array): number {
  let most = -Infinity;
  eachPixel(frame, tile, (onMap, inTile) => {
    if (frame.counted !== null && frame.counted[onMap] === 0) return;
    const value = map[inTile]!;
    if (!(value <= most)) most = value; // NaN is kept, to be found.
  });
  return most;
}

/** Options of {@linkcode joinTiles}. */
export interface JoinOptions {
  /**
   * Whether the score of a tile is the maximum of its map. Then, of a tile of
   * which a part does not count, it is the maximum of the other part; else it
   * is the score of the whole tile.
   */
  readonly isMaximum: boolean;
}

/**
 * Joins what a model says of the tiles of an image. Maps are blended; the score
 * is the highest of the tiles' scores.
 *
 * @param frame Where the tiles lie.
 * @param tiles What is said of each, in the order of their places.
 * @param options What scores are.
 */
export function joinTiles(
  frame: Frame,
  tiles: readonly TileFinding[],
  { isMaximum }: JoinOptions,
): JoinedTiles {
  const maps = tiles.map(({ logitMap }) => enlarged(logitMap, frame.side));
  const scores = tiles.map(({ scoreLogit }, i) =>
    !isMaximum || countsWhole(frame, i)
      ? scoreLogit
      : highest(frame, i, maps[i]!)
  );
  return {
    logitMap: blend(frame, maps),
    scoreLogit: scores.reduce((a, b) => b > a || Number.isNaN(b) ? b : a),
  };
}
