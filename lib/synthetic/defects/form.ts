/**
 * Defects of form: dent, hole, broken edge, bent structure.
 *
 * @module
 */
import { Noise } from "../noise.ts";
import { dim, mix } from "../picture/colour.ts";
import type { Relief, Texel } from "../picture/relief.ts";
import { coat, grain, layers, shadeBy, slope } from "../picture/shaders.ts";
import { blob, ellipse } from "../picture/shapes.ts";
import type { Site } from "../site.ts";
import { emphasis } from "./contrast.ts";

/** A hollow pressed into the surface. */
export function dent(site: Site): void {
  const { random, strength } = site;
  const a = random.between(0.14, 0.22);
  const b = a * random.between(0.65, 1);
  const frame = site.spot({ margin: a });
  const depth = 0.6 * b * Math.min(1.5, strength);
  const accent = emphasis(site.shown(frame), 0.4 * strength);
  frame.fill(ellipse(a, b), (texel, { x, y }) => {
    const t = Math.min(1, x * x / (a * a) + y * y / (b * b));
    texel.height -= depth * (1 - t) * (1 - t);
    shadeBy(texel, 1 + (accent - 1) * (1 - t));
  });
}

/** A ragged hole with a dark inside. */
export function hole(site: Site): void {
  const { random } = site;
  const radius = random.between(0.08, 0.14);
  const frame = site.spot({ margin: radius * 1.3 });
  const under = site.shown(frame, radius);
  const noise = new Noise(random);
  const torn = { noise, wobble: 0.3, lobes: 2 };
  frame.fill(
    blob(radius * 1.35, torn),
    layers(
      coat(mix(under, [1, 1, 1], { share: 0.2 }), { gloss: 0.05 }),
      slope(0.02, radius * 0.2),
      grain(noise, { across: 30, tone: 0.4, rise: 0.006 }),
    ),
  );
  frame.fill(
    blob(radius, torn),
    layers(coat(dim(under, 0.12), { gloss: 0 }), slope(-0.2, radius * 0.4)),
  );
}

/** A piece broken off the product's edge. */
export function broken(site: Site): void {
  const { random, strength } = site;
  const frame = site.edge();
  const radius = random.between(0.14, 0.22) * Math.min(1.6, strength);
  const under = site.shown(frame.at({ x: -radius }));
  const noise = new Noise(random);
  const bite = { noise, wobble: 0.35, lobes: 2.5 };
  const at = frame.at({ x: radius * 0.1 });
  at.fill(
    blob(radius * 1.22, bite),
    layers(
      coat(mix(under, [0.8, 0.8, 0.8], { share: 0.3 }), { gloss: 0.02 }),
      slope(-0.05, radius * 0.2),
      grain(noise, { across: 26, tone: 0.45, rise: 0.012 }),
    ),
  );
  site.reveal(at, blob(radius, bite));
}

/** A regular structure pushed out of line. */
export function bent(site: Site): void {
  const { random, relief, ground, core, strength } = site;
  const radius = random.between(0.26, 0.36);
  const push = radius * Math.min(0.58, 0.45 * strength);
  const centre = site.spot({ margin: 0.1 });
  const [dx, dy] = [
    Math.cos(centre.angle) * push,
    Math.sin(centre.angle) * push,
  ];
  const before = relief.clone();
  const { side } = relief;
  for (let i = 0; i < side * side; i++) {
    const x = (2 * (i % side) + 1) / side - 1;
    const y = (2 * Math.floor(i / side) + 1) / side - 1;
    const [ox, oy] = [x - centre.x, y - centre.y];
    const t = 1 - (ox * ox + oy * oy) / (radius * radius);
    if (t <= 0) continue;
    const weight = t * t;
    const from = { x: x - dx * weight, y: y - dy * weight };
    const cover = sample(before, from, TEXEL);
    relief.cover[i] = cover;
    ground.read(i, BELOW);
    relief.blend(i, BELOW, 1);
    relief.blend(i, TEXEL, cover);
    const moved = Math.max(before.cover[i]!, cover);
    // Where it moved most it counts as a whole, around that what shows.
    core[i] = weight > 0.6 ? moved : 0.4 * moved;
  }
}

const TEXEL: Texel = blank();
const BELOW: Texel = blank();
const CORNER: Texel = blank();

function blank(): Texel {
  return { red: 0, green: 0, blue: 0, height: 0, gloss: 0, metal: 0 };
}

/** Reads a relief between pixels into `texel`; returns the cover there. */
function sample(
  relief: Relief,
  { x, y }: { x: number; y: number },
  texel: Texel,
): number {
  const { side } = relief;
  const column = Math.min(side - 1.001, Math.max(0, (x + 1) * side / 2 - 0.5));
  const row = Math.min(side - 1.001, Math.max(0, (y + 1) * side / 2 - 0.5));
  const [c, r] = [Math.floor(column), Math.floor(row)];
  Object.assign(texel, blank());
  let cover = 0;
  for (let corner = 0; corner < 4; corner++) {
    const [dc, dr] = [corner & 1, corner >> 1];
    const weight = (dc === 1 ? column - c : 1 - column + c) *
      (dr === 1 ? row - r : 1 - row + r);
    const i = (r + dr) * side + c + dc;
    relief.read(i, CORNER);
    for (const key of KEYS) texel[key] += weight * CORNER[key];
    cover += weight * relief.cover[i]!;
  }
  return cover;
}

const KEYS = ["red", "green", "blue", "height", "gloss", "metal"] as const;
