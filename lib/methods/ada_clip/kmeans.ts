/**
 * k-means as scikit-learn's `KMeans(k, n_init=1)` computes it.
 *
 * @module
 */

/** Rows of numbers, one after another. */
export interface Rows {
  /** How many there are, R. */
  readonly count: number;
  /** Numbers in a row, D. */
  readonly width: number;
  /** Row-major. */
  readonly data: Float64Array; // [R, D]
}

/** How the first centres are found. */
export interface KmeansStart {
  /**
   * Numbers in [0, 1) for k-means++; null takes the row farthest from the
   * centres before.
   */
  readonly draws: Float64Array | null;
  /** The first centre, where nothing is drawn. */
  readonly first: number;
}

/** Centres have arrived that move less than this part of the variance. */
export const TOLERANCE = 1e-4;

/** Most rounds of an image. */
export const ROUNDS = 300;

/**
 * Candidates for one centre count as equal within this part; the first of them
 * wins. Two rows alone in their corner tie exactly but for rounding.
 */
export const TIE = 1e-9;

/** How many candidates k-means++ draws for each centre but the first. */
export function trialsOf(clusters: number): number {
  return 2 + Math.floor(Math.log(clusters));
}

/** How many numbers k-means++ draws for one image. */
export function drawCount(clusters: number): number {
  return 1 + (clusters - 1) * trialsOf(clusters);
}

/** Rows around their mean. */
function centred({ count, width, data }: Rows): Rows {
  const mean = new Float64Array(width);
  data.forEach((x, i) => mean[i % width]! += x);
  const moved = data.map((x, i) => x - mean[i % width]! / count);
  return { count, width, data: moved };
}

/** The squared distance of row `i` of one list to row `j` of another. */
function distance(a: Rows, i: number, b: Rows, j: number): number {
  const { width, data: x } = a;
  const { data: y } = b;
  const [from, against] = [i * width, j * width];
  let sum = 0;
  for (let d = 0; d < width; d++) {
    const difference = x[from + d]! - y[against + d]!;
    sum += difference * difference;
  }
  return sum;
}

/** Position of the first smallest number. */
function argMin(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) {
    if (values[i]! < values[best]!) best = i;
  }
  return best;
}

function sumOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}

/** Squared distances of all rows to one of them. */
function distancesTo(rows: Rows, row: number): Float64Array {
  const { count } = rows;
  return Float64Array.from(
    { length: count },
    (_, i) => distance(rows, i, rows, row),
  );
}

/** Rows drawn with a chance in proportion to their distance. */
function drawn(near: Float64Array, draws: Float64Array): number[] {
  const sum = sumOf(near);
  return Array.from(draws, (draw) => {
    let reached = 0;
    const found = near.findIndex((value) => (reached += value) >= draw * sum);
    return found < 0 ? near.length - 1 : found;
  });
}

/** The rows that the clusters start from. */
function firstCentres(
  rows: Rows,
  clusters: number,
  { draws, first }: KmeansStart,
): number[] {
  const last = rows.count - 1;
  const start = draws === null
    ? first
    : Math.min(Math.floor(draws[0]! * rows.count), last);
  const chosen = [start];
  const trials = trialsOf(clusters);
  let near = distancesTo(rows, start);
  while (chosen.length < clusters) {
    const from = 1 + (chosen.length - 1) * trials;
    const candidates = draws === null
      ? [argMin(near.map((value) => -value))]
      : drawn(near, draws.subarray(from, from + trials));
    const nearer = candidates.map((row) => {
      const own = distancesTo(rows, row);
      return near.map((value, i) => Math.min(value, own[i]!));
    });
    const left = nearer.map(sumOf);
    const limit = Math.min(...left) * (1 + TIE);
    const best = left.findIndex((sum) => sum <= limit);
    chosen.push(candidates[best]!);
    near = nearer[best]!;
  }
  return chosen;
}

interface Assignment {
  /** Cluster of each row; the lower one of two that are equally near. */
  readonly labels: Int32Array; // [R]
  /** Squared distance of each row to its centre. */
  readonly own: Float64Array; // [R]
}

function assign(rows: Rows, centres: Rows): Assignment {
  const own = new Float64Array(rows.count);
  const labels = Int32Array.from({ length: rows.count }, (_, i) => {
    const all = Float64Array.from(
      { length: centres.count },
      (_, c) => distance(rows, i, centres, c),
    );
    const label = argMin(all);
    own[i] = all[label]!;
    return label;
  });
  return { labels, own };
}

interface Totals {
  readonly sums: Float64Array; // [K, D]
  readonly sizes: Float64Array; // [K]
}

/** Adds a row to the sum of a cluster, or takes it away. */
function addRow(
  { sums, sizes }: Totals,
  { width, data }: Rows,
  { row, to, sign }: { row: number; to: number; sign: 1 | -1 },
): void {
  for (let d = 0; d < width; d++) {
    sums[to * width + d]! += sign * data[row * width + d]!;
  }
  sizes[to]! += sign;
}

/** Gives each empty cluster the row that is farthest from its own centre. */
function fillEmpty(
  totals: Totals,
  rows: Rows,
  { labels, own }: Assignment,
): void {
  const empty = [...totals.sizes.keys()].filter((c) => totals.sizes[c] === 0);
  if (empty.length === 0 || !(Math.max(...own) > 0)) return;
  const farthest = [...own.keys()].sort((a, b) => own[b]! - own[a]!);
  for (const [i, cluster] of empty.entries()) {
    const row = farthest[i];
    if (row === undefined) break;
    addRow(totals, rows, { row, to: labels[row]!, sign: -1 });
    totals.sums.fill(0, cluster * rows.width, (cluster + 1) * rows.width);
    totals.sizes[cluster] = 0;
    addRow(totals, rows, { row, to: cluster, sign: 1 });
  }
}

/** The mean of each cluster; that of an empty one stays. */
function move(rows: Rows, centres: Rows, assignment: Assignment): Rows {
  const { count, width } = centres;
  const sums = new Float64Array(count * width);
  const totals = { sums, sizes: new Float64Array(count) };
  assignment.labels.forEach((to, row) =>
    addRow(totals, rows, { row, to, sign: 1 })
  );
  fillEmpty(totals, rows, assignment);
  const data = sums.map((sum, i) => {
    const size = totals.sizes[Math.floor(i / width)]!;
    return size > 0 ? sum / Math.max(size, 1) : centres.data[i]!;
  });
  return { count, width, data };
}

/** The mean variance of the columns of centred rows. */
function variance({ data }: Rows): number {
  return data.reduce((sum, x) => sum + x * x, 0) / data.length;
}

/**
 * Groups rows around centres, in float64.
 *
 * @returns The cluster of each row [R].
 */
export function kmeans(
  given: Rows,
  clusters: number,
  start: KmeansStart,
): Int32Array {
  const rows = centred(given);
  const { width } = rows;
  const chosen = firstCentres(rows, clusters, start);
  const data = new Float64Array(clusters * width);
  chosen.forEach((row, c) =>
    data.set(rows.data.subarray(row * width, (row + 1) * width), c * width)
  );
  let centres: Rows = { count: clusters, width, data };
  const limit = TOLERANCE * variance(rows);
  let before: Int32Array | undefined;
  for (let round = 0; round < ROUNDS; round++) {
    const assignment = assign(rows, centres);
    const { labels } = assignment;
    const moved = move(rows, centres, assignment);
    const old = centres.data;
    const shift = moved.data.reduce((sum, x, i) => sum + (x - old[i]!) ** 2, 0);
    centres = moved;
    if (before?.every((label, i) => label === labels[i])) return labels;
    if (shift <= limit) break;
    before = labels;
  }
  return assign(rows, centres).labels;
}
