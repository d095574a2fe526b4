/**
 * The circuit board and its components.
 *
 * @module
 */
import { Noise } from "../noise.ts";
import { mix, rgb } from "../picture/colour.ts";
import type { Frame } from "../picture/frame.ts";
import { word } from "../picture/glyphs.ts";
import {
  bevel,
  coat,
  grain,
  layers,
  level,
  slope,
} from "../picture/shaders.ts";
import { box, circle, moved, stroke, without } from "../picture/shapes.ts";
import type { Point } from "../../image/image.ts";
import type { Random } from "../../random.ts";
import type { Scene } from "../scene.ts";
import { metal, METALS, plastic, VOID } from "./materials.ts";

type Component = (at: Frame, random: Random) => void;

/** A chip with legs on both long sides. */
function chip(design: Random): Component {
  const legs = design.integer(4, 6);
  const label = word(design, { count: 4 });
  return (at, random) => {
    const tin = metal(METALS.steel, { random });
    for (let i = 0; i < legs; i++) {
      const x = 0.3 * (i - (legs - 1) / 2) / legs;
      at.at({ x }).fill(
        box(0.014, 0.16, { round: 0.006 }),
        layers(tin, bevel(0.02, 0.01)),
      );
    }
    at.fill(
      box(0.17, 0.11, { round: 0.01 }),
      layers(
        plastic(rgb(0x242628), { random }),
        level(0.03),
        bevel(0.06, 0.02),
      ),
    );
    at.at({ x: -0.13, y: -0.07 }).fill(circle(0.016), slope(-0.02, 0.01));
    const print = at.at({ scale: 0.045 });
    for (const letter of label) print.fill(letter, coat(rgb(0x9a9a98)));
  };
}

/** A resistor or ceramic capacitor between two soldered ends. */
function block(design: Random): Component {
  const colour = design.pick([rgb(0x1c1c20), rgb(0xa88a62), rgb(0x38506c)]);
  return (at, random) => {
    at.fill(
      box(0.13, 0.055, { round: 0.015 }),
      layers(metal(METALS.steel, { random, gloss: 0.7 }), bevel(0.05, 0.03)),
    );
    at.fill(
      box(0.075, 0.055),
      layers(plastic(colour, { random }), level(0.06), bevel(0.02, 0.015)),
    );
  };
}

/** A round electrolytic capacitor with a marked minus side. */
function can(design: Random): Component {
  const mark = design.pick([rgb(0x18181c), rgb(0x204070), rgb(0x6a2c7a)]);
  return (at, random) => {
    at.fill(
      box(0.13, 0.13, { round: 0.03 }),
      layers(plastic(rgb(0x202022), { random }), bevel(0.04, 0.02)),
    );
    at.fill(
      circle(0.115),
      layers(metal(METALS.steel, { random }), level(0.12), bevel(0.04, 0.02)),
    );
    at.fill(
      without(circle(0.11), moved(box(0.2, 0.2), { x: 0.15 })),
      coat(mark, { gloss: 0.3 }),
    );
  };
}

/** A printed circuit board with components, tracks and pads. */
export function drawCircuitBoard(scene: Scene): void {
  const { design, image } = scene;
  const mask = design.pick([
    rgb(0x1e6a3a),
    rgb(0x1e6a3a),
    rgb(0x1c4a86),
    rgb(0x8c2024),
    rgb(0x26282c),
  ]);
  const frame = scene.place({ turn: 0.05, shift: 0.03, zoom: 0.03 });
  frame.fill(
    box(0.84, 0.7, { round: 0.05 }),
    layers(
      coat(mask, { gloss: 0.35 }),
      level(0),
      bevel(0.05, 0.015),
      grain(new Noise(image), { across: 26, tone: 0.06, rise: 0.0004 }),
    ),
  );
  const pale = coat(mix(mask, [1, 1, 1], { share: 0.14 }), { gloss: 0.4 });
  for (let i = 0; i < 14; i++) {
    const shape = stroke(track(design), { radius: 0.014 });
    frame.fill(shape, layers(pale, slope(0.006, 0.012)));
  }
  for (let corner = 0; corner < 4; corner++) {
    const x = corner < 2 ? -0.75 : 0.75;
    const y = corner % 2 === 0 ? -0.61 : 0.61;
    paintMount(frame.at({ x, y }), image);
  }
  populate(scene, frame);
}

/** A track: a run along x, a bend of 45 degrees, a run along y. */
function track(design: Random): Point[] {
  const x = design.between(-0.75, 0.3);
  const y = design.about(0.58);
  const end = x + design.between(0.15, 0.45);
  const turn = design.pick([-0.1, 0.1]);
  const points = [[x, y], [end, y], [end + 0.1, y + turn], [
    end + 0.1,
    y + 4 * turn,
  ]] as const;
  return points.map(([px, py]) => [px, Math.min(0.63, Math.max(-0.63, py))]);
}

/** A plated hole for a mounting screw. */
function paintMount(frame: Frame, random: Random): void {
  const plating = metal(METALS.gold, { random });
  frame.fill(circle(0.065), layers(plating, slope(0.008, 0.01)));
  frame.fill(circle(0.035), layers(VOID, level(0)));
}

/** Components in rows, each with its number beside it. */
function populate(scene: Scene, frame: Frame): void {
  const { design } = scene;
  const silk = coat(rgb(0xe8e8e4));
  for (let row = 0; row < 3; row++) {
    for (let column = 0; column < 4; column++) {
      const component = design.pick([chip, block, block, can])(design);
      const pose = {
        x: 0.4 * (column - 1.5) + design.about(0.02),
        y: 0.42 * (row - 1) + design.about(0.03),
        angle: design.pick([0, 0, 0, Math.PI / 2]),
        reach: 0.12,
      };
      scene.part(frame, pose, component);
      const label = frame.at({ x: pose.x, y: pose.y + 0.19, scale: 0.034 });
      for (const letter of word(design, { count: 2 })) label.fill(letter, silk);
    }
  }
}
