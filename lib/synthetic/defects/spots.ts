/**
 * Defects that cover an area: stain, discoloration, burn, corrosion, smear,
 * scuff.
 *
 * @module
 */
import { Noise } from "../noise.ts";
import { brightness, type Colour, dim, mix, rgb } from "../picture/colour.ts";
import { shadeBy, tint } from "../picture/shaders.ts";
import { blob, type Shape } from "../picture/shapes.ts";
import type { Site } from "../site.ts";
import { contrasting } from "./contrast.ts";

/** 0 below `from`, 1 above `to`, straight between. */
function ramp(value: number, from: number, to: number): number {
  return Math.min(1, Math.max(0, (value - from) / (to - from)));
}

const LIQUIDS: readonly Colour[] = [
  rgb(0x4a2c14),
  rgb(0x1a1612),
  rgb(0x22386c),
  rgb(0x7c1e1c),
  rgb(0xd8cfa8),
  rgb(0x6a7a2c),
];

/** A dried spill, darker at its rim, with a splash beside it. */
export function stain(site: Site): void {
  const { random, strength } = site;
  const radius = random.between(0.14, 0.24);
  const frame = site.spot({ margin: radius });
  const liquid = contrasting(LIQUIDS, { under: site.shown(frame), random });
  const body = Math.min(0.95, random.between(0.55, 0.75) * strength);
  const paint = (size: number) => {
    const shape = blob(size, { noise: new Noise(random), wobble: 0.5 });
    return [shape, (texel: Parameters<typeof tint>[0], depth: number) => {
      const rim = 1 - ramp(depth, 0, 0.05);
      tint(texel, liquid, body + (0.95 - body) * rim * rim);
      texel.gloss = 0.25;
      texel.metal *= 0.3;
    }] as const;
  };
  const drops = random.integer(0, 2);
  for (let i = 0; i <= drops; i++) {
    const [shape, soak] = paint(i === 0 ? radius : radius * 0.3);
    const away = i === 0 ? 0 : radius * random.between(1.2, 1.5);
    frame.at({ angle: random.between(0, 6.3) }).at({ x: away }).fill(
      shape,
      (texel, { depth }) => soak(texel, depth),
      { soft: 0.02 },
    );
  }
}

/** Factors on the components: darker, yellowed, bluish, reddish, greenish. */
const CASTS: readonly Colour[] = [
  [0.4, 0.4, 0.4],
  [1.15, 0.85, 0.4],
  [0.45, 0.65, 1.1],
  [1.15, 0.5, 0.5],
  [0.5, 0.9, 0.45],
];

/** A patch of another shade in which the texture stays visible. */
export function discoloration(site: Site): void {
  const { random, strength } = site;
  const radius = random.between(0.2, 0.32);
  const frame = site.spot({ margin: radius * 0.8 });
  const under = site.shown(frame, radius);
  const shades = CASTS.map((cast): Colour => [
    Math.min(1, under[0] * cast[0]),
    Math.min(1, under[1] * cast[1]),
    Math.min(1, under[2] * cast[2]),
  ]);
  const bleached = mix(under, [1, 1, 1], { share: 0.4 });
  const [red, green, blue] = contrasting([...shades, bleached], {
    under,
    random,
  });
  const shape = blob(radius, { noise: new Noise(random), wobble: 0.4 });
  const opacity = Math.min(1, 0.85 * strength);
  frame.fill(shape, (texel) => {
    texel.red = Math.min(1, texel.red * (red + 0.01) / (under[0] + 0.01));
    texel.green = Math.min(1, texel.green * (green + 0.01) / (under[1] + 0.01));
    texel.blue = Math.min(1, texel.blue * (blue + 0.01) / (under[2] + 0.01));
  }, { soft: 0.07, opacity });
}

/** Charred in the middle, scorched brown around it. */
export function burn(site: Site): void {
  const { random, strength } = site;
  const radius = random.between(0.16, 0.27);
  const frame = site.spot({ margin: radius * 0.9 });
  const noise = new Noise(random);
  const shape = blob(radius, { noise, wobble: 0.4, lobes: 2 });
  const scorched = dim(rgb(0x6a3c18), 1 / strength);
  const charred = rgb(0x241c18);
  frame.fill(shape, (texel, { x, y, depth }) => {
    const eaten = depth + 0.05 * noise.fractal(x * 14, y * 14);
    tint(texel, scorched, 0.85 * ramp(eaten, 0, 0.07));
    tint(texel, charred, ramp(eaten, 0.05, 0.12));
    texel.gloss *= 1 - ramp(eaten, 0, 0.06);
    texel.metal *= 1 - ramp(eaten, 0, 0.06);
    texel.height -= 0.012 * ramp(eaten, 0.04, 0.1);
  }, { soft: 0.05 });
}

/** A region where noise is high, thinning out towards `radius`. */
function patches(
  noise: Noise,
  { radius, hills }: { radius: number; hills: number },
): Shape {
  return {
    centre: [0, 0],
    reach: radius,
    distance: (x, y) => {
      const t = (x * x + y * y) / (radius * radius);
      const n = noise.fractal(x * hills, y * hills, 3);
      return (1.3 * t - 0.55 - n) / (2 * hills);
    },
  };
}

/** Rust or other corrosion: rough, matt patches. */
export function corrosion(site: Site): void {
  const { random, strength } = site;
  const radius = random.between(0.24, 0.36);
  const frame = site.spot({ margin: radius * 0.5 });
  const noise = new Noise(random);
  const rusts = [rgb(0x8c4418), rgb(0x4e2412), rgb(0x3e8a78)];
  const rust = contrasting(rusts, { under: site.shown(frame), random });
  frame.fill(patches(noise, { radius, hills: 6 }), (texel, { x, y, depth }) => {
    const n = noise.fractal(x * 24 + 40, y * 24);
    tint(texel, rust, Math.min(1, 0.8 + 0.2 * strength));
    shadeBy(texel, 1 + 0.5 * n - ramp(depth, 0.01, 0.05) * 0.3);
    texel.gloss = 0.02;
    texel.metal = 0;
    texel.height += 0.008 * n;
  });
}

/** Streaks along x inside a half-width by half-height field. */
function streaks(
  noise: Noise,
  { length, width, lines }: { length: number; width: number; lines: number },
): Shape {
  return {
    centre: [0, 0],
    reach: length + width,
    distance: (x, y) => {
      const t = x / length;
      const u = y / width;
      const fade = t * t * t * t + u * u * u * u;
      const n = noise.at(x * 1.6, y * lines) + 0.4 * noise.at(x * 4, y * 4);
      return (1.7 * fade - 0.25 - n) / (2 * lines);
    },
  };
}

const INKS: readonly Colour[] = [
  rgb(0x16161a),
  rgb(0x1c3a8c),
  rgb(0xa01c28),
  rgb(0xf2f0ea),
];

/** Print or ink that was wiped while wet. */
export function smear(site: Site): void {
  const { random, strength } = site;
  const length = random.between(0.25, 0.38);
  const frame = site.along(length * 2);
  const ink = contrasting(INKS, { under: site.shown(frame), random });
  const width = random.between(0.09, 0.14);
  const noise = new Noise(random);
  frame.fill(streaks(noise, { length, width, lines: 16 }), (texel, { x }) => {
    const wet = 0.95 - 0.4 * ramp(x, -length, length) / strength;
    tint(texel, ink, wet);
    texel.metal *= 0.2;
  }, { soft: 0.015 });
}

/** Many fine marks of rubbing in one direction. */
export function scuff(site: Site): void {
  const { random, strength } = site;
  const length = random.between(0.22, 0.34);
  const frame = site.along(length * 2);
  const under = site.shown(frame);
  const worn = brightness(under) > 0.6
    ? dim(under, 0.3)
    : mix(under, [0.9, 0.9, 0.9], { share: 0.6 });
  const width = random.between(0.1, 0.16);
  const noise = new Noise(random);
  frame.fill(
    streaks(noise, { length, width, lines: 28 }),
    (texel, { x, y }) => {
      tint(texel, worn, Math.min(1, 0.75 * strength));
      texel.height += 0.004 * noise.at(x * 6, y * 60);
      texel.gloss *= 0.3;
      texel.metal *= 0.4;
    },
  );
}
