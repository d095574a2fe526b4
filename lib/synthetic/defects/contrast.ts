/**
 * Choosing colours that show.
 *
 * @module
 */
import { brightness, type Colour } from "../picture/colour.ts";
import type { Random } from "../../random.ts";

function difference(a: Colour, b: Colour): number {
  let most = 0;
  for (let i = 0; i < 3; i++) {
    most = Math.max(most, Math.abs(Math.sqrt(a[i]!) - Math.sqrt(b[i]!)));
  }
  return most;
}

/**
 * Factor on a colour that shows on it: below 1 on bright surfaces, above 1 on
 * dark ones, farther from 1 the larger `by` is.
 */
export function emphasis(under: Colour, by: number): number {
  return brightness(under) > 0.35 ? Math.max(0.1, 1 - by) : 1 + 3 * by;
}

/**
 * A random one of the colours that stand out from the colour under them,
 * rather one that does so mildly.
 */
export function contrasting(
  colours: readonly Colour[],
  { under, random }: { under: Colour; random: Random },
): Colour {
  const differences = colours.map((colour) => difference(colour, under));
  const enough = Math.min(0.25, Math.max(...differences));
  const clear = colours.filter((_, i) => differences[i]! >= enough);
  const mild = clear.filter((colour) => difference(colour, under) < 0.5);
  return random.pick(mild.length > 0 ? mild : clear);
}
