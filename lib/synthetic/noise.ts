/**
 * Noise over the plane: the irregularity of every material.
 *
 * @module
 */
import { Random } from "../random.ts";

/** What {@linkcode Noise.cell} finds about the cell a point lies in. */
export interface Cell {
  /** Distance to the cell's own point. */
  readonly near: number;
  /** How much farther the next point is: 0 on a border between cells. */
  readonly border: number;
  /** Uniform in [0, 1), one value for each cell. */
  readonly id: number;
}

/** Lattice points per period of the tables, less one. */
const LAST = 1023;
/** A permutation that turns lattice coordinates into table entries. */
const SHUFFLED = new Uint16Array(LAST + 1);
/** For each entry, two numbers in [-1, 1): a slope, or a point in a cell. */
const FIRST = new Float64Array(LAST + 1);
const SECOND = new Float64Array(LAST + 1);

function fillTables(random: Random): void {
  for (let i = 0; i <= LAST; i++) {
    const j = random.integer(0, i);
    SHUFFLED[i] = SHUFFLED[j]!;
    SHUFFLED[j] = i;
    FIRST[i] = random.about(1);
    SECOND[i] = random.about(1);
  }
}

fillTables(new Random("noise"));

function fade(t: number): number {
  return t * t * t * (t * (t * 6 - 15) + 10);
}

/**
 * A field of noise, fixed by one draw from a random stream: a window into one
 * periodic field of 1024 x 1024 units.
 */
export class Noise {
  readonly #x: number;
  readonly #y: number;

  /** Draws the field. */
  constructor(random: Random) {
    const bits = random.bits();
    this.#x = bits & LAST;
    this.#y = bits >>> 22;
  }

  /** Gradient noise (Perlin), about -1 to 1, one hill per unit. */
  at(x: number, y: number): number {
    const column = Math.floor(x);
    const row = Math.floor(y);
    const dx = x - column;
    const dy = y - row;
    const left = SHUFFLED[(column + this.#x) & LAST]! + row + this.#y;
    const right = SHUFFLED[(column + 1 + this.#x) & LAST]! + row + this.#y;
    const a = SHUFFLED[left & LAST]!;
    const b = SHUFFLED[right & LAST]!;
    const c = SHUFFLED[(left + 1) & LAST]!;
    const d = SHUFFLED[(right + 1) & LAST]!;
    const u = fade(dx);
    const top = (FIRST[a]! * dx + SECOND[a]! * dy) * (1 - u) +
      (FIRST[b]! * (dx - 1) + SECOND[b]! * dy) * u;
    const bottom = (FIRST[c]! * dx + SECOND[c]! * (dy - 1)) * (1 - u) +
      (FIRST[d]! * (dx - 1) + SECOND[d]! * (dy - 1)) * u;
    return 1.6 * (top + (bottom - top) * fade(dy));
  }

  /** Octaves of gradient noise summed (fractal Brownian motion), -1 to 1. */
  fractal(x: number, y: number, octaves: number = 3): number {
    let sum = 0;
    let scale = 1;
    let weight = 1;
    for (let i = 0; i < octaves; i++) {
      sum += weight * this.at(x * scale + 17 * i, y * scale - 31 * i);
      scale *= 2.03;
      weight *= 0.5;
    }
    return sum / (2 - 2 * weight);
  }

  /** Cellular noise (Worley) with one point per unit square. */
  cell(x: number, y: number): Cell {
    const column = Math.floor(x);
    const row = Math.floor(y);
    let near = 9;
    let next = 9;
    let id = 0;
    for (let i = column - 1; i <= column + 1; i++) {
      const start = SHUFFLED[(i + this.#x) & LAST]! + this.#y;
      for (let j = row - 1; j <= row + 1; j++) {
        const entry = SHUFFLED[(start + j) & LAST]!;
        const dx = i + 0.5 + 0.5 * FIRST[entry]! - x;
        const dy = j + 0.5 + 0.5 * SECOND[entry]! - y;
        const d = dx * dx + dy * dy;
        if (d < near) {
          next = near;
          near = d;
          id = entry;
        } else if (d < next) next = d;
      }
    }
    const distance = Math.sqrt(near);
    return {
      near: distance,
      border: Math.sqrt(next) - distance,
      id: id / (LAST + 1),
    };
  }
}
