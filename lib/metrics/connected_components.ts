/**
 * 8-connected regions of a mask, by runs and union-find.
 *
 * @module
 */

/** A ground-truth mask. */
export interface DefectMask {
  /** Pixels per row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** One byte per pixel, 0 where good. */
  readonly data: Uint8Array; // [height, width]
}

/**
 * The regions of a mask, as runs: stretches of defective pixels within one
 * row, in raster order. Regions are numbered from 0 by their first pixel in
 * raster order.
 */
export interface Components {
  /** Pixels of each region. */
  readonly areas: Uint32Array; // [R]
  /** Index of each run's first pixel. */
  readonly starts: Uint32Array; // [N]
  /** Index after each run's last pixel. */
  readonly ends: Uint32Array; // [N]
  /** Region of each run. */
  readonly regions: Uint32Array; // [N]
}

/** Runs of a mask; those of row y are `rows[y]` up to `rows[y + 1]`. */
interface Runs {
  readonly starts: number[]; // [N]
  readonly ends: number[]; // [N]
  readonly rows: number[]; // [height + 1]
}

function findRuns({ width, height, data }: DefectMask): Runs {
  const starts: number[] = [];
  const ends: number[] = [];
  const rows = [0];
  let i = 0;
  for (let y = 1; y <= height; y++) {
    const end = y * width;
    while (i < end) {
      while (i < end && data[i] === 0) i++;
      if (i === end) break;
      starts.push(i);
      while (i < end && data[i] !== 0) i++;
      ends.push(i);
    }
    rows.push(starts.length);
  }
  return { starts, ends, rows };
}

/** The first run of the region that `run` belongs to. */
function findRoot(parents: Uint32Array, run: number): number {
  let root = run;
  while (parents[root] !== root) {
    parents[root] = parents[parents[root]!]!;
    root = parents[root]!;
  }
  return root;
}

/** Joins two regions; the run that comes first becomes the root. */
function unite(parents: Uint32Array, a: number, b: number): void {
  const rootA = findRoot(parents, a);
  const rootB = findRoot(parents, b);
  if (rootA < rootB) parents[rootB] = rootA;
  else parents[rootA] = rootB;
}

/** Joins the runs of each row with those of the row above that they touch. */
function joinRows({ starts, ends, rows }: Runs, width: number): Uint32Array {
  const parents = Uint32Array.from(starts.keys());
  for (let y = 1; y + 1 < rows.length; y++) {
    let above = rows[y - 1]!;
    let run = rows[y]!;
    while (above < rows[y]! && run < rows[y + 1]!) {
      const aboveStart = starts[above]! + width;
      const aboveEnd = ends[above]! + width;
      // An end is one past its run, so touching corners compare as equal.
      if (aboveStart <= ends[run]! && starts[run]! <= aboveEnd) {
        unite(parents, above, run);
      }
      if (aboveEnd < ends[run]!) above++;
      else run++;
    }
  }
  return parents;
}

/**
 * Finds the 8-connected regions of a mask, the same as scikit-image's
 * `measure.label` in two dimensions.
 *
 * @throws {TypeError} If the data does not have width x height pixels.
 */
export function connectedComponents(mask: DefectMask): Components {
  const { width, height, data } = mask;
  if (data.length !== width * height) {
    throw new TypeError(
      `Cannot label a mask as its data must have ${width} x ${height} ` +
        `pixels: current value is ${data.length}`,
    );
  }
  const runs = findRuns(mask);
  const parents = joinRows(runs, width);
  const regions = new Uint32Array(parents.length);
  const areas: number[] = [];
  for (let run = 0; run < parents.length; run++) {
    const root = findRoot(parents, run);
    const region = root === run ? areas.push(0) - 1 : regions[root]!;
    regions[run] = region;
    areas[region]! += runs.ends[run]! - runs.starts[run]!;
  }
  return {
    areas: Uint32Array.from(areas),
    starts: Uint32Array.from(runs.starts),
    ends: Uint32Array.from(runs.ends),
    regions,
  };
}
