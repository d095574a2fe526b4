/**
 * The patches of good images that count: those inside a region of interest.
 *
 * @module
 */

/** 1 for each patch that counts; null where all do. */
export type CountedPatches = Uint8Array | null; // [P]

/**
 * The rows of the patches that count.
 *
 * @param rows Numbers of each patch [P, W].
 * @param counted Which count.
 * @returns The rows themselves where all count.
 */
export function countedRows(
  rows: Float32Array,
  counted: CountedPatches,
): Float32Array {
  if (counted === null) return rows;
  const width = rows.length / counted.length;
  return rows.filter((_, i) => counted[Math.floor(i / width)] === 1);
}

/** Puts the numbers of the tiles of an image in one array. */
export function concatenated(tiles: readonly Float32Array[]): Float32Array {
  const [only] = tiles;
  if (tiles.length === 1) return only!;
  const all = new Float32Array(tiles.reduce((n, { length }) => n + length, 0));
  let at = 0;
  for (const tile of tiles) {
    all.set(tile, at);
    at += tile.length;
  }
  return all;
}
