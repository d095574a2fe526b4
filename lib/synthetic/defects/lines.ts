/**
 * Defects along a line: scratch, crack, cut, crease.
 *
 * @module
 */
import { Noise } from "../noise.ts";
import { brightness, type Colour, dim, mix } from "../picture/colour.ts";
import { coat, layers, shadeBy, slope } from "../picture/shaders.ts";
import type { Point } from "../../image/image.ts";
import { stroke } from "../picture/shapes.ts";
import type { Random } from "../../random.ts";
import type { Site } from "../site.ts";
import { emphasis } from "./contrast.ts";

/** A path of `length` along x, about the origin, that wanders by `bend`. */
function path(
  random: Random,
  { length, bend, steps = 10 }: {
    length: number;
    bend: number;
    steps?: number;
  },
): Point[] {
  const noise = new Noise(random);
  const points: Point[] = [];
  for (let i = 0; i <= steps; i++) {
    const t = i / steps;
    points.push([length * (t - 0.5), bend * noise.at(1.7 * t, 0.5)]);
  }
  return points;
}

/** Bright on dark surfaces, dark on bright ones. */
function scar(under: Colour): Colour {
  return brightness(under) > 0.48
    ? dim(under, 0.3)
    : mix(under, [0.95, 0.95, 0.95], { share: 0.5 });
}

/** One to three shallow furrows side by side. */
export function scratch(site: Site): void {
  const { random, strength } = site;
  const length = random.between(0.5, 0.95);
  const frame = site.along(length);
  const colour = scar(site.shown(frame));
  const count = random.integer(1, 3);
  for (let i = 0; i < count; i++) {
    const furrow = stroke(path(random, { length, bend: 0.1 }), {
      radius: random.between(0.011, 0.017) * strength,
      taper: 0.7,
    });
    const pose = {
      x: random.about(0.1),
      y: 0.06 * (i - (count - 1) / 2),
      angle: random.about(0.08),
    };
    frame.at(pose).fill(
      furrow,
      layers(coat(colour, { gloss: 0.3 }), slope(-0.012, 0.01)),
    );
  }
}

/** A jagged, dark gap with branches. */
export function crack(site: Site): void {
  const { random, strength } = site;
  const length = random.between(0.5, 0.9);
  const frame = site.along(length);
  const dark = dim(site.shown(frame), 0.14);
  const gap = layers(coat(dark, { gloss: 0 }), slope(-0.07, 0.012));
  const trunk = jagged(random, { length, from: [-length / 2, 0] });
  frame.fill(
    stroke(trunk, { radius: 0.02 * Math.min(1.6, strength), taper: 0.55 }),
    gap,
  );
  const branches = random.integer(1, 3);
  for (let i = 0; i < branches; i++) {
    const from = trunk[random.integer(2, trunk.length - 3)]!;
    const twig = jagged(random, {
      length: length * random.between(0.2, 0.4),
      from,
      heading: random.pick([-1, 1]) * random.between(0.5, 1),
    });
    frame.fill(stroke(twig, { radius: 0.013, taper: 0.3 }), gap);
  }
}

/** A polyline whose heading jumps at every step. */
function jagged(
  random: Random,
  { length, from, heading = 0 }: {
    length: number;
    from: Point;
    heading?: number;
  },
): Point[] {
  const steps = Math.max(4, Math.round(length / 0.06));
  const points = [from];
  let [x, y] = from;
  for (let i = 0; i < steps; i++) {
    const angle = heading + random.about(0.75);
    x += length / steps * Math.cos(angle);
    y += length / steps * Math.sin(angle);
    points.push([x, y]);
  }
  return points;
}

/** A clean slit whose lips stand up. */
export function cut(site: Site): void {
  const { random, strength } = site;
  const length = random.between(0.4, 0.75);
  const frame = site.along(length);
  const under = site.shown(frame);
  const points = path(random, { length, bend: 0.05 });
  const radius = random.between(0.028, 0.042) * Math.min(1.5, strength);
  const lip = mix(under, [1, 1, 1], { share: Math.min(0.6, 0.25 * strength) });
  frame.fill(
    stroke(points, { radius: radius * 1.7, taper: 0.8 }),
    layers(coat(lip, { gloss: 0.05 }), slope(0.025, radius * 0.7)),
  );
  frame.fill(
    stroke(points, { radius, taper: 1 }),
    layers(coat(dim(under, 0.12), { gloss: 0 }), slope(-0.12, radius)),
  );
}

/** A fold pressed into a soft sheet. */
export function crease(site: Site): void {
  const { random, strength } = site;
  const length = random.between(0.7, 1.1);
  const frame = site.along(length);
  const points = path(random, { length, bend: 0.12 });
  const width = random.between(0.06, 0.085);
  const accent = emphasis(site.shown(frame), 0.6 * strength);
  const height = 1.2 * width * random.pick([-1, 1]);
  frame.fill(stroke(points, { radius: width, taper: 0.5 }), (texel, at) => {
    const t = Math.min(1, at.depth / width);
    texel.height += height * t * t;
    shadeBy(texel, 1 + (accent - 1) * t);
  });
}
