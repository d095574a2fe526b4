/**
 * What products lie on: paper, felt, a conveyor belt, a steel table.
 *
 * @module
 */
import { Noise } from "./noise.ts";
import { dye, grey } from "./picture/colour.ts";
import type { Frame, Shader } from "./picture/frame.ts";
import { coat, grain, layers } from "./picture/shaders.ts";
import { EVERYWHERE } from "./picture/shapes.ts";
import type { Random } from "../random.ts";

type Ground = (station: Random, noise: Noise) => Shader;

function paper(station: Random, noise: Noise): Shader {
  return layers(
    coat(grey(station, { low: 0.66, high: 0.85 }), { gloss: 0.02 }),
    grain(noise, { across: 1.3, tone: 0.05 }),
    grain(noise, { across: 28, tone: 0.02, rise: 0.0008 }),
  );
}

function tinted(station: Random, noise: Noise): Shader {
  const light = station.between(0.4, 0.7);
  const colour = dye(station.between(0, 1), { light, dark: light * 0.8 });
  return layers(
    coat(colour, { gloss: 0.03 }),
    grain(noise, { across: 1.5, tone: 0.06 }),
    grain(noise, { across: 24, tone: 0.03 }),
  );
}

function felt(station: Random, noise: Noise): Shader {
  return layers(
    coat(grey(station, { low: 0.13, high: 0.3 }), { gloss: 0 }),
    grain(noise, { across: 18, tone: 0.3, rise: 0.003, octaves: 3 }),
    grain(noise, { across: 1.2, tone: 0.12 }),
  );
}

function belt(station: Random, noise: Noise): Shader {
  const ribs = station.integer(9, 16);
  return layers(
    coat(grey(station, { low: 0.16, high: 0.26 }), { gloss: 0.12 }),
    (texel, { x }) => {
      const t = x * ribs - Math.floor(x * ribs) - 0.5;
      texel.height += 0.014 * Math.max(0, 1 - 16 * t * t);
    },
    grain(noise, { across: 30, tone: 0.12, rise: 0.001 }),
  );
}

function table(station: Random, noise: Noise): Shader {
  return layers(
    coat(grey(station, { low: 0.5, high: 0.68 }), { gloss: 0.2, metal: 0.7 }),
    grain(noise, { across: 1.4, along: 50, tone: 0.09, rise: 0.0004 }),
  );
}

const GROUNDS: readonly Ground[] = [paper, paper, tinted, felt, belt, table];

/** Covers the picture with the ground of the inspection station. */
export function paintGround(
  frame: Frame,
  { station, image }: { station: Random; image: Random },
): void {
  const shader = station.pick(GROUNDS)(station, new Noise(image));
  frame.fill(EVERYWHERE, shader);
}
