/**
 * Textures made of threads: fabric, knitwear, carpet, wire mesh.
 *
 * @module
 */
import { Noise } from "../noise.ts";
import { dim, dye, grey, paint, rgb } from "../picture/colour.ts";
import type { Texel } from "../picture/relief.ts";
import { coat, grain, layers, shadeBy } from "../picture/shaders.ts";
import { EVERYWHERE } from "../picture/shapes.ts";
import type { Random } from "../../random.ts";
import type { Scene } from "../scene.ts";
import { metalColour } from "./materials.ts";

/** Position within a period, -1 to 1. */
function phase(t: number): number {
  return 2 * (t - Math.floor(t)) - 1;
}

/** Round cross-section of a thread: 1 in the middle, 0 at the sides. */
function arch(t: number): number {
  return Math.sqrt(Math.max(0, 1 - t * t));
}

function yarn(random: Random): (texel: Texel) => void {
  const colour = random.chance(0.6)
    ? dim(paint(random), 0.8)
    : grey(random, { low: 0.25, high: 0.85 });
  return coat(colour, { gloss: 0.02 }) as (texel: Texel) => void;
}

/** Plain or twill weave of warp (along y) and weft (along x). */
export function drawFabric(scene: Scene): void {
  const { design, image } = scene;
  const period = design.between(0.11, 0.16);
  const repeat = design.integer(2, 3);
  const warp = yarn(design);
  const weft = design.chance(0.5) ? warp : yarn(design);
  const fibres = new Noise(image);
  scene.place({ turn: 0.06, shift: 1 }).fill(
    EVERYWHERE,
    (texel, { x, y }) => {
      const u = x / period;
      const v = y / period;
      const lifted = (Math.floor(u) + Math.floor(v)) % repeat !== 0;
      const across = phase(u + 0.08 * fibres.at(x * 3, y * 3));
      const along = phase(v + 0.08 * fibres.at(x * 3 + 50, y * 3));
      const warpHeight = arch(across) *
        (lifted ? 1 - 0.3 * along * along : 0.5);
      const weftHeight = arch(along) *
        (lifted ? 0.5 : 1 - 0.3 * across * across);
      const upright = warpHeight > weftHeight;
      (upright ? warp : weft)(texel);
      const height = Math.max(warpHeight, weftHeight);
      const fibre = upright
        ? fibres.at(x * 70, y * 14)
        : fibres.at(x * 14, y * 70);
      shadeBy(texel, (0.45 + 0.55 * height) * (1 + 0.22 * fibre));
      texel.height = 0.04 * height + 0.002 * fibre;
    },
  );
}

/** Stocking stitch: columns of V-shaped loops. */
export function drawKnit(scene: Scene): void {
  const { design, image } = scene;
  const width = design.between(0.2, 0.28);
  const rows = width * design.between(0.62, 0.75);
  const colours = [yarn(design), yarn(design)];
  const stripe = design.pick([3, 5, 1000]);
  const fibres = new Noise(image);
  scene.place({ turn: 0.05, shift: 1 }).fill(
    EVERYWHERE,
    (texel, { x, y }) => {
      const side = phase(x / width + 0.03 * fibres.at(x * 2, y * 2));
      const from = Math.abs(side);
      const v = y / rows + 0.95 * from;
      const along = phase(v);
      const height = arch(2 * from - 1) * Math.sqrt(arch(along));
      const course = Math.floor(v) % (2 * stripe);
      colours[course < stripe && course >= -stripe ? 0 : 1]!(texel);
      const fibre = fibres.at(x * 34 - side * 20 * y, y * 34);
      shadeBy(texel, (0.35 + 0.65 * height) * (1 + 0.22 * fibre));
      texel.height = 0.07 * height + 0.002 * fibre;
    },
  );
}

/** Cut pile: tufts of two shades. */
export function drawCarpet(scene: Scene): void {
  const { design, image } = scene;
  const tufts = design.between(11, 15);
  const hue = design.between(0, 1);
  const light = design.between(0.3, 0.7);
  const ground = dye(hue, { light, dark: light * design.between(0.6, 0.95) });
  const fleck = dim(ground, design.pick([0.45, 1.6]));
  const share = design.between(0.2, 0.45);
  const noise = new Noise(image);
  scene.place({ turn: 0.1, shift: 1 }).fill(
    EVERYWHERE,
    (texel, { x, y }) => {
      const { near, id } = noise.cell(x * tufts, y * tufts);
      coat(id < share ? fleck : ground, { gloss: 0 })(texel, NOWHERE);
      const hair = noise.fractal(x * 45, y * 45, 2);
      const lie = noise.fractal(x * 1.3, y * 1.3, 2);
      shadeBy(texel, (1.15 - 0.75 * near) * (1 + 0.35 * hair + 0.25 * lie));
      texel.height = 0.05 * (1 - near * near) + 0.006 * hair;
    },
  );
}

const NOWHERE = { x: 0, y: 0, depth: 0 };

/** Crimped wires woven over a dark gap. */
export function drawMesh(scene: Scene): void {
  const { design, image } = scene;
  const period = design.between(0.19, 0.27);
  const thick = design.between(0.38, 0.55);
  const wire = coat(metalColour(design), { gloss: 0.5, metal: 1 });
  const back = design.pick([rgb(0x101214), rgb(0x2a2c30), rgb(0x8c9096)]);
  const noise = new Noise(image);
  const frame = scene.place({ turn: 0.04, shift: 1 });
  frame.fill(
    EVERYWHERE,
    layers(coat(back, { gloss: 0 }), grain(noise, { across: 2, tone: 0.1 })),
  );
  frame.fill(EVERYWHERE, (texel, { x, y }) => {
    const u = x / period;
    const v = y / period;
    const crimp = Math.cos(Math.PI * (u - 0.5 + Math.floor(v))) * 0.5;
    const crimpOther = -Math.cos(Math.PI * (v - 0.5 + Math.floor(u))) * 0.5;
    const across = arch(phase(u) / thick);
    const along = arch(phase(v) / thick);
    const upright = across > 0 ? across - crimpOther : -9;
    const level = along > 0 ? along - crimp : -9;
    const top = Math.max(upright, level);
    if (top === -9) return;
    wire(texel, NOWHERE);
    shadeBy(texel, 1 + 0.1 * noise.at(x * 12, y * 12));
    texel.height = 0.1 + thick * period * 0.5 * top;
  });
}
