/**
 * The coats that materials are built from, each one idea; `layers` stacks them.
 *
 * @module
 */
import type { Noise } from "../noise.ts";
import type { Colour } from "./colour.ts";
import type { Shader } from "./frame.ts";
import type { Texel } from "./relief.ts";

/** Sets colour, gloss and metal; leaves the height. */
export function coat(
  [red, green, blue]: Colour,
  { gloss = 0.1, metal = 0 }: { gloss?: number; metal?: number } = {},
): Shader {
  return (texel) => {
    texel.red = red;
    texel.green = green;
    texel.blue = blue;
    texel.gloss = gloss;
    texel.metal = metal;
  };
}

/** Applies several shaders in turn. */
export function layers(...shaders: readonly Shader[]): Shader {
  return (texel, at) => {
    for (let i = 0; i < shaders.length; i++) shaders[i]!(texel, at);
  };
}

/** Multiplies the colour, keeping it within 0 to 1. */
export function shadeBy(texel: Texel, factor: number): void {
  const f = Math.max(0, factor);
  texel.red = Math.min(1, texel.red * f);
  texel.green = Math.min(1, texel.green * f);
  texel.blue = Math.min(1, texel.blue * f);
}

/** Moves the colour of `texel` towards `colour` by `share`. */
export function tint(texel: Texel, colour: Colour, share: number): void {
  texel.red += share * (colour[0] - texel.red);
  texel.green += share * (colour[1] - texel.green);
  texel.blue += share * (colour[2] - texel.blue);
}

/** Sets the height. */
export function level(height: number): Shader {
  return (texel) => {
    texel.height = height;
  };
}

/** Rises over the shape's edge to `height` in a quarter circle. */
export function bevel(height: number, width: number): Shader {
  return (texel, { depth }) => {
    const t = 1 - Math.min(1, Math.max(0, depth / width));
    texel.height += height * Math.sqrt(1 - t * t);
  };
}

/** Rises over the shape's edge to `height` in a straight slope. */
export function slope(height: number, width: number): Shader {
  return (texel, { depth }) => {
    texel.height += height * Math.min(1, Math.max(0, depth / width));
  };
}

/** A cap of a sphere about the origin: `height` there, 0 at `radius`. */
export function dome(height: number, radius: number): Shader {
  return (texel, { x, y }) => {
    const t = Math.min(1, (x * x + y * y) / (radius * radius));
    texel.height += height * Math.sqrt(1 - t);
  };
}

/** Strengths of {@linkcode grain}. */
export interface GrainOptions {
  /** Hills per unit along x. */
  readonly across: number;
  /** Hills per unit along y, default as along x. */
  readonly along?: number;
  /** Relative change of the colour. */
  readonly tone?: number;
  /** Change of the height. */
  readonly rise?: number;
  /** Octaves of noise, default 2. */
  readonly octaves?: number;
}

/** Uneven colour and height. */
export function grain(
  noise: Noise,
  { across, along = across, tone = 0, rise = 0, octaves = 2 }: GrainOptions,
): Shader {
  return (texel, { x, y }) => {
    const n = noise.fractal(x * across, y * along, octaves);
    shadeBy(texel, 1 + tone * n);
    texel.height += rise * n;
  };
}

/** Circular tool marks about the origin. */
export function turned(
  noise: Noise,
  { rings, tone, rise = 0 }: { rings: number; tone: number; rise?: number },
): Shader {
  return (texel, { x, y }) => {
    const n = noise.at(Math.sqrt(x * x + y * y) * rings, 0.5);
    shadeBy(texel, 1 + tone * n);
    texel.height += rise * n;
  };
}
