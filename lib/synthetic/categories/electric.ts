/**
 * Electrical objects: cable and connector.
 *
 * @module
 */
import { Noise } from "../noise.ts";
import { type Colour, dim, dye, grey, rgb } from "../picture/colour.ts";
import type { Frame } from "../picture/frame.ts";
import {
  bevel,
  coat,
  dome,
  grain,
  layers,
  level,
  slope,
} from "../picture/shaders.ts";
import { box, circle } from "../picture/shapes.ts";
import type { Random } from "../../random.ts";
import type { Scene } from "../scene.ts";
import { metal, METALS, plastic, plasticColour, VOID } from "./materials.ts";

/** A cable cut square: jacket, filler, insulated conductors of strands. */
export function drawCable(scene: Scene): void {
  const { design, image } = scene;
  const radius = design.between(0.66, 0.74);
  const wall = design.between(0.08, 0.11);
  const conductors = design.integer(3, 5);
  const jacket = design.pick([rgb(0x2a2b2e), rgb(0x9a9ca0), rgb(0x8a5a30)]);
  const room = radius - wall - 0.02;
  const share = Math.sin(Math.PI / conductors);
  const each = room * share / (1 + share);
  const frame = scene.place({ turn: 0.3, shift: 0.03, zoom: 0.03 });
  frame.fill(
    circle(radius),
    layers(
      plastic(jacket, { random: image, gloss: 0.25 }),
      level(0),
      bevel(0.12, 0.03),
    ),
  );
  frame.fill(
    circle(radius - wall),
    layers(
      coat(grey(design, { low: 0.3, high: 0.5 }), { gloss: 0 }),
      slope(-0.05, 0.02),
      grain(new Noise(image), { across: 16, tone: 0.25, rise: 0.006 }),
    ),
  );
  const hue = design.between(0, 1);
  for (let i = 0; i < conductors; i++) {
    const turn = 2 * Math.PI * i / conductors;
    const colour = dye(hue + i / conductors, { light: 0.78, dark: 0.2 });
    const pose = {
      x: (room - each) * Math.cos(turn),
      y: (room - each) * Math.sin(turn),
      reach: each * 0.7,
    };
    scene.part(frame, pose, (at, random) => {
      paintConductor(at, { radius: each * 0.94, colour, random });
    });
  }
}

function paintConductor(
  frame: Frame,
  { radius, colour, random }: {
    radius: number;
    colour: Colour;
    random: Random;
  },
): void {
  frame.fill(
    circle(radius),
    layers(plastic(colour, { random }), level(0.08), bevel(0.05, 0.03)),
  );
  const core = radius * 0.66;
  frame.fill(circle(core), layers(VOID, slope(-0.03, 0.02)));
  const strand = core / 3.1;
  const copper = layers(metal(METALS.copper, { random }), dome(0.06, strand));
  const angle = random.between(0, 1);
  for (let row = -2; row <= 2; row++) {
    for (let column = -2; column <= 2; column++) {
      const x = strand * 1.22 * (column + row / 2);
      const y = strand * 1.06 * row;
      if (x * x + y * y > (core - strand * 0.4) * (core - strand * 0.4)) {
        continue;
      }
      frame.at({ angle }).at({ x, y }).fill(circle(strand * 0.6), copper);
    }
  }
}

/** A plug connector with rows of contacts in a housing. */
export function drawConnector(scene: Scene): void {
  const { design } = scene;
  const rows = design.integer(1, 2);
  const columns = design.integer(4, 7);
  const pitch = Math.min(0.28, 1.22 / columns);
  const frame = scene.place({ turn: 0.1 }).at({
    angle: design.pick([0, Math.PI / 2]),
  });
  const half = columns * pitch / 2 + 0.1;
  paintHousing(scene, frame, { half, high: rows * pitch / 2 + 0.16 });
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const pose = {
        x: pitch * (column - (columns - 1) / 2),
        y: pitch * (row - (rows - 1) / 2),
        reach: pitch * 0.35,
      };
      scene.part(frame, pose, (at, random) => {
        at.fill(
          box(pitch * 0.26, pitch * 0.34, { round: 0.015 }),
          layers(
            metal(METALS.gold, { random }),
            level(0.12),
            bevel(0.08, 0.03),
          ),
        );
        at.fill(box(pitch * 0.06, pitch * 0.2), layers(VOID, level(0.14)));
      });
    }
  }
}

/** A shell with a latch on one side and an ear at each end. */
function paintHousing(
  { design, image }: Scene,
  frame: Frame,
  { half, high }: { half: number; high: number },
): void {
  const colour = plasticColour(design);
  const finish = plastic(colour, { random: image });
  const knob = layers(finish, level(0), bevel(0.1, 0.03));
  frame.at({ y: -high }).fill(box(half * 0.35, 0.1, { round: 0.03 }), knob);
  for (const x of [-half, half]) {
    frame.at({ x }).fill(box(0.09, high * 0.55, { round: 0.03 }), knob);
  }
  frame.fill(
    box(half, high, { round: 0.05 }),
    layers(finish, level(0.02), bevel(0.22, 0.03)),
  );
  frame.fill(
    box(half - 0.06, high - 0.06, { round: 0.03 }),
    layers(coat(dim(colour, 0.35), { gloss: 0.1 }), slope(-0.12, 0.03)),
  );
}
