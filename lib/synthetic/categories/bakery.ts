/**
 * Baked goods: biscuit.
 *
 * @module
 */
import { Noise } from "../noise.ts";
import { dim, mix, rgb } from "../picture/colour.ts";
import type { Frame } from "../picture/frame.ts";
import {
  bevel,
  coat,
  grain,
  layers,
  level,
  shadeBy,
  slope,
  tint,
} from "../picture/shaders.ts";
import { blob, box, circle, cog } from "../picture/shapes.ts";
import type { Random } from "../../random.ts";
import type { Scene } from "../scene.ts";

/** A baked biscuit, docked or with chocolate chips. */
export function drawBiscuit(scene: Scene): void {
  const { design, image } = scene;
  const size = design.between(0.6, 0.7);
  const shape = design.pick([
    circle(size),
    cog(design.integer(22, 30), size, { depth: 0.05 }),
    box(size, size * 0.72, { round: 0.08 }),
  ]);
  const dough = mix(rgb(0xd8a860), rgb(0xb07a40), {
    share: design.between(0, 1),
  });
  const crust = dim(dough, 0.4);
  const noise = new Noise(image);
  const frame = scene.place({ turn: 0.4 });
  frame.fill(
    shape,
    layers(
      coat(dough, { gloss: 0.05 }),
      level(0),
      bevel(0.12, 0.12),
      (texel, { x, y, depth }) => {
        const baked = 0.9 - 5 * depth + 0.5 * noise.fractal(x * 3, y * 3);
        tint(texel, crust, Math.min(0.8, Math.max(0, baked)));
      },
      grain(noise, { across: 9, tone: 0.12, rise: 0.01 }),
      grain(noise, { across: 34, tone: 0.15, rise: 0.003 }),
    ),
  );
  const paint = design.chance(0.5) ? paintChip : paintFork;
  const spread = paint === paintChip ? 0.07 : 0;
  for (let i = 0; i < 9; i++) {
    const x = 0.3 * (i % 3 - 1) + image.about(spread);
    const y = 0.26 * (Math.floor(i / 3) - 1) + image.about(spread);
    paint(frame.at({ x, y }), image);
  }
}

/** A drop of chocolate. */
function paintChip(frame: Frame, random: Random): void {
  const noise = new Noise(random);
  frame.fill(
    blob(random.between(0.07, 0.1), { noise, wobble: 0.35 }),
    layers(coat(rgb(0x442818), { gloss: 0.3 }), bevel(0.06, 0.05)),
  );
}

/** A hole that lets steam out of the dough. */
function paintFork(frame: Frame): void {
  const dent = slope(-0.06, 0.03);
  frame.fill(circle(0.032), layers(dent, (texel) => shadeBy(texel, 0.6)));
}
