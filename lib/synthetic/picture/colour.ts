/**
 * Colours as linear reflectances; pictures encode them with a gamma of 2.
 *
 * @module
 */
import type { Random } from "../../random.ts";

/** Linear reflectances of red, green and blue light, each 0 to 1. */
export type Colour = readonly [red: number, green: number, blue: number];

/** The colour that shows as `hex`, as in 0xrrggbb, under white light. */
export function rgb(hex: number): Colour {
  const linear = (byte: number) => (byte / 255) * (byte / 255);
  return [linear(hex >>> 16), linear(hex >>> 8 & 255), linear(hex & 255)];
}

/** The colour at `share` of the way from `a` to `b`. */
export function mix(
  a: Colour,
  b: Colour,
  { share }: { share: number },
): Colour {
  return [
    a[0] + share * (b[0] - a[0]),
    a[1] + share * (b[1] - a[1]),
    a[2] + share * (b[2] - a[2]),
  ];
}

/** The colour with every reflectance multiplied by `factor`, at most 1. */
export function dim(colour: Colour, factor: number): Colour {
  return [
    Math.min(1, colour[0] * factor),
    Math.min(1, colour[1] * factor),
    Math.min(1, colour[2] * factor),
  ];
}

/** Brightness of a colour as it shows, 0 to 1. */
export function brightness([red, green, blue]: Colour): number {
  return Math.sqrt(0.3 * red + 0.59 * green + 0.11 * blue);
}

/**
 * A dyed colour: `hue` in turns from red, and the brightest and the darkest of
 * the three components as they show.
 */
export function dye(
  hue: number,
  { light, dark }: { light: number; dark: number },
): Colour {
  const component = (shift: number) => {
    const turn = hue + shift - Math.floor(hue + shift);
    const wave = Math.min(1, Math.max(0, Math.abs(turn * 6 - 3) - 1));
    const shown = dark + (light - dark) * wave;
    return shown * shown;
  };
  return [component(0), component(2 / 3), component(1 / 3)];
}

/** A random saturated colour, as plastics and paints have. */
export function paint(random: Random): Colour {
  const light = random.between(0.4, 0.88);
  return dye(random.between(0, 1), {
    light,
    dark: light * random.between(0.2, 0.6),
  });
}

/** A random grey, `low` to `high` as it shows. */
export function grey(
  random: Random,
  { low, high }: { low: number; high: number },
): Colour {
  const shown = random.between(low, high);
  const warm = random.about(0.03);
  return [
    (shown + warm) * (shown + warm),
    shown * shown,
    (shown - warm) * (shown - warm),
  ];
}
