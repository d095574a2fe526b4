/**
 * A picture before light falls on it: what a surface is made of and how high it
 * lies, pixel by pixel.
 *
 * Pictures are square; places are given in picture units, -1 to 1 from left to
 * right and from top to bottom, heights in the same unit.
 *
 * @module
 */

/** What a surface is at one place. */
export interface Texel {
  /** Linear reflectance of red light, 0 to 1. */
  red: number;
  /** Linear reflectance of green light, 0 to 1. */
  green: number;
  /** Linear reflectance of blue light, 0 to 1. */
  blue: number;
  /** Height above the ground, picture units. */
  height: number;
  /** 0 matt to 1 mirror-like. */
  gloss: number;
  /** 0 dielectric to 1 metal, which mirrors in its own colour. */
  metal: number;
}

/** Planes of surface properties, and where the product covers the ground. */
export class Relief {
  /** Pixels per row and rows. */
  readonly side: number;
  /** {@linkcode Texel.red} of each pixel. */
  readonly red: Float32Array; // [side, side]
  /** {@linkcode Texel.green} of each pixel. */
  readonly green: Float32Array; // [side, side]
  /** {@linkcode Texel.blue} of each pixel. */
  readonly blue: Float32Array; // [side, side]
  /** {@linkcode Texel.height} of each pixel. */
  readonly height: Float32Array; // [side, side]
  /** {@linkcode Texel.gloss} of each pixel. */
  readonly gloss: Float32Array; // [side, side]
  /** {@linkcode Texel.metal} of each pixel. */
  readonly metal: Float32Array; // [side, side]
  /** Share of each pixel that the product covers. */
  readonly cover: Float32Array; // [side, side]

  /** A black plane without a product, or a copy of `other`. */
  constructor(side: number, other?: Relief) {
    this.side = side;
    const plane = (source?: Float32Array) =>
      source === undefined
        ? new Float32Array(side * side)
        : new Float32Array(source);
    this.red = plane(other?.red);
    this.green = plane(other?.green);
    this.blue = plane(other?.blue);
    this.height = plane(other?.height);
    this.gloss = plane(other?.gloss);
    this.metal = plane(other?.metal);
    this.cover = plane(other?.cover);
  }

  /** A copy that can be changed without changing this one. */
  clone(): Relief {
    return new Relief(this.side, this);
  }

  /** Copies the properties of pixel `i` into `texel`. */
  read(i: number, texel: Texel): void {
    texel.red = this.red[i]!;
    texel.green = this.green[i]!;
    texel.blue = this.blue[i]!;
    texel.height = this.height[i]!;
    texel.gloss = this.gloss[i]!;
    texel.metal = this.metal[i]!;
  }

  /** Moves the properties of pixel `i` towards `texel` by `share`, 0 to 1. */
  blend(i: number, texel: Texel, share: number): void {
    this.red[i]! += share * (texel.red - this.red[i]!);
    this.green[i]! += share * (texel.green - this.green[i]!);
    this.blue[i]! += share * (texel.blue - this.blue[i]!);
    this.height[i]! += share * (texel.height - this.height[i]!);
    this.gloss[i]! += share * (texel.gloss - this.gloss[i]!);
    this.metal[i]! += share * (texel.metal - this.metal[i]!);
  }
}

/**
 * Blurs a square plane with a triangular kernel: two passes of a running mean
 * over 2 `radius` + 1 pixels, edges repeated.
 */
export function blur(plane: Float32Array, radius: number): Float32Array {
  const side = Math.sqrt(plane.length);
  if (radius < 1) return plane;
  let from = plane;
  for (let pass = 0; pass < 4; pass++) {
    const to = new Float32Array(plane.length);
    const step = pass % 2 === 0 ? 1 : side;
    const stride = pass % 2 === 0 ? side : 1;
    for (let line = 0; line < side; line++) {
      runningMean({ from, to, start: line * stride, step, radius });
    }
    from = to;
  }
  return from;
}

interface Run {
  readonly from: Float32Array;
  readonly to: Float32Array;
  readonly start: number;
  readonly step: number;
  readonly radius: number;
}

function runningMean({ from, to, start, step, radius }: Run): void {
  const end = start + (Math.sqrt(from.length) - 1) * step;
  const reach = radius * step;
  const scale = 1 / (2 * radius + 1);
  let sum = from[start]! * (radius + 1);
  for (let i = 1; i <= radius; i++) {
    sum += from[Math.min(start + i * step, end)]!;
  }
  for (let i = start; i <= end; i += step) {
    to[i] = sum * scale;
    const entering = i + reach + step;
    const leaving = i - reach;
    sum += from[entering < end ? entering : end]! -
      from[leaving > start ? leaving : start]!;
  }
}
