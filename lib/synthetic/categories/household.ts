/**
 * Objects of daily use: candle, toothbrush, zipper.
 *
 * @module
 */
import { Noise } from "../noise.ts";
import { brightness, type Colour, dye, rgb } from "../picture/colour.ts";
import type { Frame, Shader } from "../picture/frame.ts";
import {
  bevel,
  coat,
  dome,
  grain,
  layers,
  level,
  shadeBy,
  slope,
} from "../picture/shaders.ts";
import { blob, box, circle, cog, stroke } from "../picture/shapes.ts";
import type { Random } from "../../random.ts";
import type { Scene } from "../scene.ts";
import {
  metal,
  metalColour,
  METALS,
  plastic,
  plasticColour,
} from "./materials.ts";

/** A tea light: wax and a wick in a metal cup. */
export function drawCandle(scene: Scene): void {
  const { design, image } = scene;
  const radius = design.between(0.64, 0.74);
  const wax = design.pick([
    rgb(0xdcd5c4),
    rgb(0xdcd5c4),
    dye(design.between(0, 1), { light: 0.78, dark: 0.5 }),
  ]);
  const noise = new Noise(image);
  const frame = scene.place({ turn: 0.4, shift: 0.03 });
  const cup = metal(METALS.steel, { random: image, gloss: 0.6 });
  const grip = cog(design.integer(44, 64), radius, { depth: 0.018 });
  frame.fill(grip, layers(cup, level(0), bevel(0.16, 0.04)));
  frame.fill(circle(radius * 0.95), layers(cup, slope(-0.08, 0.02)));
  frame.fill(
    circle(radius * 0.92),
    layers(
      coat(wax, { gloss: 0.2 }),
      level(0.07),
      dome(0.05, radius * 1.2),
      grain(noise, { across: 3, tone: 0.05, rise: 0.005 }),
      grain(noise, { across: 30, tone: 0.02, rise: 0.0006 }),
      (texel, { depth }) => shadeBy(texel, 0.8 + Math.min(0.2, 2 * depth)),
    ),
  );
  frame.fill(circle(0.13), slope(-0.025, 0.06));
  scene.part(frame, { angle: design.between(0, 6), reach: 0.16 }, paintWick);
}

/** A wick that leans over its metal foot. */
function paintWick(frame: Frame, random: Random): void {
  const foot = metal(METALS.steel, { random, gloss: 0.6 });
  frame.fill(circle(0.085), layers(foot, bevel(0.01, 0.01)));
  const bend = random.about(0.05);
  frame.fill(
    stroke([[0, 0], [0.1, bend], [0.2, 0]], { radius: 0.032 }),
    layers(
      coat(rgb(0xd8d2c0), { gloss: 0 }),
      bevel(0.09, 0.03),
      grain(new Noise(random), { across: 16, along: 60, tone: 0.3 }),
    ),
  );
}

/** The head of a toothbrush with tufts of bristles. */
export function drawToothbrush(scene: Scene): void {
  const { design, image } = scene;
  const handle = plasticColour(design);
  const columns = design.integer(3, 4);
  const rows = design.integer(7, 8);
  const pitch = 0.17;
  const hue = design.between(0, 1);
  const colours = [dye(hue, { light: 0.8, dark: 0.25 }), rgb(0xf0f0ec)];
  const pattern = design.integer(2, 4);
  const half = columns * pitch / 2 + 0.05;
  const quarter = Math.PI / 2;
  const frame = scene.place({ turn: 0.08 }).at({
    angle: quarter * design.integer(0, 3),
  }).at({ y: -0.1 });
  const finish = layers(
    plastic(handle, { random: image, gloss: 0.6 }),
    level(0),
    bevel(0.1, 0.07),
  );
  frame.at({ y: 1.1 }).fill(box(0.11, 0.5, { round: 0.05 }), finish);
  const head = box(half, rows * pitch / 2 + 0.07, { round: half * 0.8 });
  frame.fill(head, layers(finish, slope(0.03, 0.04)));
  for (let i = 0; i < rows * columns; i++) {
    const [column, row] = [i % columns, Math.floor(i / columns)];
    const x = pitch * (column - (columns - 1) / 2);
    const y = pitch * (row - (rows - 1) / 2);
    if (head.distance(x, y) > -0.08) continue;
    const colour = colours[Math.min(1, row % pattern)]!;
    scene.part(frame, { x, y, reach: pitch / 2 }, (at, random) => {
      paintTuft(at, { colour, random });
    });
  }
}

function paintTuft(
  frame: Frame,
  { colour, random }: { colour: Colour; random: Random },
): void {
  const noise = new Noise(random);
  frame.at({ x: random.about(0.01), y: random.about(0.01) }).fill(
    blob(0.08, { noise, wobble: 0.15, lobes: 3 }),
    layers(
      coat(colour, { gloss: 0.1 }),
      level(0.16),
      (texel, { x, y, depth }) => {
        const bristle = noise.at(x * 60, y * 60);

        shadeBy(
          texel,
          (0.78 + 3.4 * Math.min(0.07, depth)) * (1 + 0.45 * bristle),
        );
        texel.height += 0.02 * Math.min(1, depth * 40) + 0.005 * bristle;
      },
    ),
  );
}

/** A closed zip fastener on its tapes. */
export function drawZipper(scene: Scene): void {
  const { design, image } = scene;
  const tape = plasticColour(design);
  const pitch = design.between(0.09, 0.12);
  const reach = design.between(0.22, 0.3);
  const moulded = design.chance(0.5);
  const contrast = brightness(tape) > 0.45 ? rgb(0x26282b) : rgb(0xe4e4e0);
  const colour = moulded ? contrast : metalColour(design);
  const material = moulded ? plastic : metal;
  const frame = scene.place({ turn: 0.05, shift: 0.03, zoom: 0.03 }).at({
    angle: design.pick([0, Math.PI / 2]),
  });
  for (const side of [-1, 1]) {
    const half = frame.at({ x: side * 0.37 });
    half.fill(box(0.365, 1.6, { round: 0.01 }), webbing(tape, image));
  }
  const tooth = box(reach / 2, pitch * 0.44, { round: pitch * 0.2 });
  for (let i = -14; i <= 15; i++) {
    const x = reach * (i % 2 === 0 ? -0.3 : 0.3);
    const pose = { x, y: pitch * i, reach: reach * 0.35 };
    scene.part(frame, pose, (at, random) => {
      const finish = material(colour, { random });
      at.fill(tooth, layers(finish, level(0.04), bevel(0.1, pitch * 0.3)));
    });
  }
}

/** A narrow woven tape. */
function webbing(colour: Colour, random: Random): Shader {
  const threads = new Noise(random);
  return layers(coat(colour, { gloss: 0.02 }), level(0.03), (texel, at) => {
    const u = at.x * 30;
    const v = at.y * 24 + (Math.floor(u) & 1) * 0.5;
    const weave = Math.abs(2 * (v - Math.floor(v)) - 1) *
      Math.abs(2 * (u - Math.floor(u)) - 1);
    texel.height += 0.008 * weave;
    shadeBy(texel, (0.75 + 0.5 * weave) * (1 + 0.1 * threads.at(u, v)));
  });
}
