/**
 * Materials that several categories are made of.
 *
 * @module
 */
import { Noise } from "../noise.ts";
import { type Colour, dim, paint, rgb } from "../picture/colour.ts";
import type { Shader } from "../picture/frame.ts";
import { coat, grain, layers } from "../picture/shaders.ts";
import type { Random } from "../../random.ts";

/** Colours of metals. */
export const METALS: Readonly<
  Record<"steel" | "zinc" | "brass" | "copper" | "gold" | "black", Colour>
> = {
  steel: rgb(0xd2d6da),
  zinc: rgb(0xbcc0c6),
  brass: rgb(0xe6c070),
  copper: rgb(0xe09a6c),
  gold: rgb(0xf0cc74),
  black: rgb(0x6a6e74),
};

/** Bare metal with a fine, even grain. */
export function metal(
  colour: Colour,
  { random, gloss = 0.5 }: { random: Random; gloss?: number },
): Shader {
  const noise = new Noise(random);
  return layers(
    coat(colour, { gloss, metal: 1 }),
    grain(noise, { across: 22, tone: 0.07, rise: 0.0006 }),
    grain(noise, { across: 3, tone: 0.05 }),
  );
}

/** Moulded plastic, smooth or slightly rough. */
export function plastic(
  colour: Colour,
  { random, gloss = 0.45 }: { random: Random; gloss?: number },
): Shader {
  const noise = new Noise(random);
  return layers(
    coat(colour, { gloss }),
    grain(noise, { across: 30, tone: 0.03, rise: 0.0006 }),
    grain(noise, { across: 2, tone: 0.04 }),
  );
}

/** A dark void, as seen through an opening. */
export const VOID: Shader = coat(rgb(0x0c0c0e), { gloss: 0 });

/** A random metal colour for machined parts. */
export function metalColour(random: Random): Colour {
  return random.pick([
    METALS.steel,
    METALS.steel,
    METALS.zinc,
    METALS.brass,
    METALS.copper,
    METALS.black,
  ]);
}

/** A random plastic colour: black, white or dyed. */
export function plasticColour(random: Random): Colour {
  const kind = random.integer(0, 4);
  if (kind === 0) return rgb(0x26282b);
  if (kind === 1) return rgb(0xe4e4e0);
  return dim(paint(random), 0.9);
}
