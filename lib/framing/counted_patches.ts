/**
 * The patches of a tile that show something that counts.
 *
 * @module
 */
import type { Frame } from "./frame_image.ts";

/**
 * Tells which patches of a tile show a pixel that counts. One that only touches
 * a region of interest is among them, since maps pass over between patches.
 *
 * @param frame Where the tiles lie.
 * @param tile Which tile.
 * @param grid Patches per row and column.
 * @returns 1 for each that does, [grid, grid]; null where all do.
 */
export function countedPatches(
  { map, side, places, counted }: Frame,
  tile: number,
  grid: number,
): Uint8Array | null {
  const { left, top } = places[tile]!;
  const found = new Uint8Array(grid * grid);
  for (let y = Math.max(0, -top); y < Math.min(side, map.height - top); y++) {
    const row = Math.floor(y * grid / side) * grid;
    const at = (top + y) * map.width + left;
    for (
      let x = Math.max(0, -left);
      x < Math.min(side, map.width - left);
      x++
    ) {
      if (counted !== null && counted[at + x] === 0) continue;
      found[row + Math.floor(x * grid / side)] = 1;
    }
  }
  return found.includes(0) ? found : null;
}
