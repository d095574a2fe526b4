/**
 * Objects of pharmacy: blister pack and pill.
 *
 * @module
 */
import { Noise } from "../noise.ts";
import { type Colour, dim, rgb } from "../picture/colour.ts";
import type { Frame, Shader } from "../picture/frame.ts";
import { word } from "../picture/glyphs.ts";
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
import { box, ellipse, moved, ring, type Shape } from "../picture/shapes.ts";
import type { Random } from "../../random.ts";
import type { Scene } from "../scene.ts";
import { plastic } from "./materials.ts";

function medicine(random: Random): Colour {
  return random.pick([
    rgb(0xf2efe8),
    rgb(0xf2efe8),
    rgb(0xe8b0a8),
    rgb(0xe6c65a),
    rgb(0x9cc4dc),
    rgb(0xb8473c),
  ]);
}

/** A pack of tablets or capsules under clear domes. */
export function drawBlister(scene: Scene): void {
  const { design, image } = scene;
  const columns = design.integer(3, 5);
  const rows = design.integer(2, 4);
  const pitch = Math.min(1.5 / columns, 1.25 / rows);
  const long = design.chance(0.4);
  const radius = pitch * (long ? 0.2 : 0.31);
  const high = radius + (long ? pitch * 0.14 : 0);
  const colour = medicine(design);
  const colours = [colour, long ? medicine(design) : colour] as const;
  const foil = design.pick([rgb(0xd0d4d8), rgb(0xd0d4d8), rgb(0xe8e4dc)]);
  const frame = scene.place({ turn: 0.08 }).at({
    angle: design.pick([0, Math.PI / 2]),
  });
  frame.fill(
    box(columns * pitch / 2 + 0.08, rows * pitch / 2 + 0.08, { round: 0.07 }),
    layers(
      coat(foil, { gloss: 0.45, metal: 0.6 }),
      level(0),
      bevel(0.03, 0.02),
      grain(new Noise(image), { across: 18, tone: 0.05, rise: 0.0015 }),
    ),
  );
  for (let i = 0; i < rows * columns; i++) {
    const x = pitch * (i % columns - (columns - 1) / 2);
    const y = pitch * (Math.floor(i / columns) - (rows - 1) / 2);
    const cavity = frame.at({ x, y });
    const bubble = box(radius + 0.045, high + 0.045, { round: radius + 0.045 });
    cavity.fill(bubble, layers(bevel(0.05, 0.035), slope(-0.03, 0.1)));
    scene.part(frame, { x, y, reach: radius }, (at, random) => {
      paintTablet(at, { radius, high, colours, random });
    });
    cavity.fill(ring(radius * 0.6, radius * 0.12), gleam, { opacity: 0.35 });
  }
}

/** A tablet or a capsule of two colours, lying loose. */
function paintTablet(
  frame: Frame,
  { radius, high, colours: [colour, second], random }: {
    radius: number;
    high: number;
    colours: readonly [Colour, Colour];
    random: Random;
  },
): void {
  frame.at({ x: random.about(0.012), y: random.about(0.012) }).fill(
    box(radius, high, { round: radius }),
    layers(
      plastic(colour, { random, gloss: 0.35 }),
      (texel, { y }) => tint(texel, second, y > 0 ? 1 : 0),
      bevel(0.08, radius * 0.7),
    ),
  );
}

/** A reflection of the lamp in a clear cover, towards its upper left. */
const gleam: Shader = (texel, { x, y }) => {
  if (x + y < 0) tint(texel, [1, 1, 1], 0.7);
};

/** A tablet, round or oblong, with a score or an imprint. */
export function drawPill(scene: Scene): void {
  const { design, image } = scene;
  const form = design.integer(0, 2);
  const half = design.between(0.64, 0.76);
  const high = form === 0 ? half : half * design.between(0.45, 0.62);
  const shape = form === 1
    ? ellipse(half, high)
    : box(half, high, { round: high });
  const colour = medicine(design);
  const speckle = dim(colour, 0.45);
  const specks = design.chance(0.5) ? 0.5 : 0.9;
  const noise = new Noise(image);
  const frame = scene.place({ turn: 0.3 }).at({
    angle: design.between(0, Math.PI),
  });
  frame.fill(
    shape,
    layers(
      plastic(colour, { random: image, gloss: design.between(0.1, 0.4) }),
      level(0),
      bevel(0.22, high * 0.9),
      grain(noise, { across: 36, tone: 0.03, rise: 0.0012 }),
      (texel, { x, y }) => {
        if (noise.at(x * 26, y * 26) > specks) tint(texel, speckle, 0.6);
      },
    ),
  );
  const letters = form === 0 ? 2 : 3;
  const groove = layers(slope(-0.05, 0.02), (texel) => shadeBy(texel, 0.82));
  for (const mark of marking(design, { half, high, letters })) {
    frame.fill(mark, groove);
  }
}

/** A score, an imprint, or a score between two imprints. */
function marking(
  design: Random,
  { half, high, letters }: { half: number; high: number; letters: number },
): Shape[] {
  const score = box(0.022, high * 0.86);
  const text = word(design, { count: letters });
  const imprint = (x: number, scale: number) =>
    text.map((letter) => moved(letter, { x, scale: high * scale }));
  return design.pick([
    [score],
    imprint(0, 0.36),
    [score, ...imprint(half * 0.5, 0.18), ...imprint(-half * 0.5, 0.18)],
  ]);
}
