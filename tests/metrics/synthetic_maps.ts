/**
 * Logit maps and masks that look like those of a category: smooth maps of
 * 37 x 37 patches drawn large, several round defects to a mask, defects that
 * the map sees only in part, a third of the images good. The same for the
 * same index.
 *
 * @module
 */
import type { DefectMask } from "../../lib/metrics/connected_components.ts";

/** A logit map and what it should have found. */
export interface SyntheticMap {
  readonly logits: Float32Array; // [side, side]
  /** Null for a good image. */
  readonly mask: DefectMask | null;
}

interface Disc {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  readonly contrast: number;
}

/** Uniform numbers in [0, 1), the same for the same seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = state + 0x6d2b79f5 | 0;
    let t = Math.imul(state ^ state >>> 15, state | 1);
    t = t + Math.imul(t ^ t >>> 7, t | 61) ^ t;
    return ((t ^ t >>> 14) >>> 0) / 2 ** 32;
  };
}

function makeDiscs(random: () => number, side: number): Disc[] {
  return Array.from({ length: 1 + Math.floor(6 * random()) }, () => ({
    x: side * random(),
    y: side * random(),
    radius: side * (0.01 + 0.06 * random() ** 2),
    contrast: 2 + 8 * random(),
  }));
}

function drawMask(discs: Disc[], side: number): DefectMask {
  const data = new Uint8Array(side * side);
  for (const { x, y, radius } of discs) {
    for (let row = Math.max(0, Math.ceil(y - radius)); row < side; row++) {
      const half = Math.sqrt(radius ** 2 - (row - y) ** 2);
      if (!(half > 0)) break;
      const start = Math.max(0, Math.ceil(x - half));
      const end = Math.min(side, Math.floor(x + half) + 1);
      if (end > start) data.fill(1, row * side + start, row * side + end);
    }
  }
  return { width: side, height: side, data };
}

function drawPatches(
  discs: Disc[],
  random: () => number,
  { side, patches }: { side: number; patches: number },
): Float32Array {
  const size = side / patches;
  return Float32Array.from({ length: patches ** 2 }, (_, i) => {
    const x = (i % patches + 0.5) * size;
    const y = (Math.floor(i / patches) + 0.5) * size;
    let logit = -7 + 2 * (random() + random() + random());
    for (const disc of discs) {
      const spread = disc.radius + size;
      const distance = (x - disc.x) ** 2 + (y - disc.y) ** 2;
      logit += disc.contrast * Math.exp(-distance / spread ** 2);
    }
    return logit;
  });
}

/** Bilinear, pixel centres aligned as the model draws its maps. */
function enlarge(
  patches: Float32Array,
  count: number,
  side: number,
): Float32Array {
  const axis = Array.from({ length: side }, (_, i) => {
    const position = (i + 0.5) * count / side - 0.5;
    const at = Math.min(Math.max(position, 0), count - 1);
    const low = Math.min(Math.floor(at), count - 2);
    return { low, part: at - low };
  });
  const map = new Float32Array(side * side);
  let i = 0;
  for (const { low: row, part: down } of axis) {
    for (const { low: column, part: right } of axis) {
      const k = row * count + column;
      const top = patches[k]! * (1 - right) + patches[k + 1]! * right;
      const bottom = patches[k + count]! * (1 - right) +
        patches[k + count + 1]! * right;
      map[i++] = top * (1 - down) + bottom * down;
    }
  }
  return map;
}

/** The image of that index; two of three are defective. */
export function syntheticMap(index: number, side: number): SyntheticMap {
  const random = randomNumbers(index);
  const discs = index % 3 === 0 ? [] : makeDiscs(random, side);
  const patches = 37;
  const logits = enlarge(
    drawPatches(discs, random, { side, patches }),
    patches,
    side,
  );
  return { logits, mask: discs.length === 0 ? null : drawMask(discs, side) };
}
