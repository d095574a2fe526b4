/**
 * Defects that lie on the surface: contamination, glue, thread.
 *
 * @module
 */
import { Noise } from "../noise.ts";
import { brightness, type Colour, rgb } from "../picture/colour.ts";
import { bevel, coat, layers, tint } from "../picture/shaders.ts";
import type { Point } from "../../image/image.ts";
import { blob, stroke } from "../picture/shapes.ts";
import type { Site } from "../site.ts";
import { contrasting } from "./contrast.ts";

const GRIT: readonly Colour[] = [
  rgb(0x141416),
  rgb(0x5a3c24),
  rgb(0xeeeae0),
  rgb(0xb8342c),
  rgb(0x3c6ab0),
];

/** Foreign particles lying on the surface. */
export function contamination(site: Site): void {
  const { random, strength } = site;
  const frame = site.spot({ margin: 0.15 });
  const colour = contrasting(GRIT, { under: site.shown(frame), random });
  const count = random.integer(1, 4);
  for (let i = 0; i < count; i++) {
    const radius = random.between(0.045, 0.075) * Math.min(1.5, strength) *
      (count === 1 ? 1.4 : 1);
    const pose = {
      x: i === 0 ? 0 : random.about(0.2),
      y: i === 0 ? 0 : random.about(0.2),
    };
    frame.at(pose).fill(
      blob(radius, { noise: new Noise(random), wobble: 0.4, lobes: 2 }),
      layers(coat(colour, { gloss: 0.2 }), bevel(radius, radius * 0.9)),
    );
  }
}

/** A clear, glossy drop that ran and set. */
export function glue(site: Site): void {
  const { random, strength } = site;
  const radius = random.between(0.14, 0.22);
  const frame = site.spot({ margin: radius });
  const noise = new Noise(random);
  const shape = blob(radius, { noise, wobble: 0.35, lobes: 0.7 });
  const resin = brightness(site.shown(frame)) > 0.45
    ? rgb(0x8a6a30)
    : rgb(0xe8e0c8);
  frame.fill(
    shape,
    layers(
      (texel, { depth }) => {
        tint(
          texel,
          resin,
          (0.6 - 5 * Math.min(0.05, depth)) *
            Math.min(1.6, strength),
        );
        texel.gloss = 1;
        texel.metal *= 0.4;
      },
      bevel(0.07, radius * 0.6),
    ),
  );
}

const YARNS: readonly Colour[] = [
  rgb(0xf0ece0),
  rgb(0x18181c),
  rgb(0xb02a2c),
  rgb(0x2a4c9c),
  rgb(0xe0b83c),
  rgb(0x3a8a4a),
];

/** A loose thread or hair lying on the surface. */
export function thread(site: Site): void {
  const { random, strength } = site;
  const frame = site.spot({ margin: 0.35 });
  const colour = contrasting(YARNS, { under: site.shown(frame), random });
  const points: Point[] = [];
  let [x, y] = [-random.between(0.2, 0.35), random.about(0.1)];
  let heading = random.about(0.5);
  let turn = random.about(0.3);
  const steps = random.integer(20, 30);
  for (let i = 0; i < steps; i++) {
    points.push([x, y]);
    turn = 0.75 * turn + random.about(0.34);
    heading += turn;
    x += 0.05 * Math.cos(heading);
    y += 0.05 * Math.sin(heading);
  }
  frame.fill(
    stroke(points, { radius: random.between(0.013, 0.017) * strength }),
    layers(
      coat(colour, { gloss: 0.05 }),
      (texel) => texel.height += 0.02,
      bevel(0.025, 0.015),
    ),
  );
}
