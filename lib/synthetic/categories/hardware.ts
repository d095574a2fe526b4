/**
 * Objects turned and milled from metal: washer, gear, screw, nut.
 *
 * @module
 */
import { Noise } from "../noise.ts";
import { dim } from "../picture/colour.ts";
import {
  bevel,
  layers,
  level,
  shadeBy,
  slope,
  turned,
} from "../picture/shaders.ts";
import {
  box,
  circle,
  cog,
  moved,
  polygon,
  ring,
  type Shape,
  union,
  without,
} from "../picture/shapes.ts";
import type { Random } from "../../random.ts";
import type { Scene } from "../scene.ts";
import { metal, metalColour } from "./materials.ts";

/** A flat ring, plain, toothed or split. */
export function drawWasher(scene: Scene): void {
  const { design, image } = scene;
  const radius = design.between(0.58, 0.72);
  const hole = radius * design.between(0.42, 0.6);
  const form = design.integer(0, 2);
  const rim = form === 1
    ? cog(design.integer(12, 20), radius * 0.9, { depth: radius * 0.14 })
    : circle(radius);
  const slit = moved(box(radius * 0.4, radius * 0.05), {
    x: (radius + hole) / 2,
    angle: 0.5,
  });
  const flat = without(rim, circle(hole));
  const colour = metalColour(design);
  const angle = design.between(0, 2 * Math.PI);
  const noise = new Noise(image);
  scene.place({ turn: 0.5 }).at({ angle }).fill(
    form === 2 ? without(flat, slit) : flat,
    layers(
      metal(colour, { random: image }),
      level(0.02),
      bevel(0.08, 0.06),
      turned(noise, { rings: 45, tone: 0.06, rise: 0.0006 }),
    ),
  );
}

/** A spur gear with hub, keyway and lightening holes. */
export function drawGear(scene: Scene): void {
  const { design, image } = scene;
  const radius = design.between(0.52, 0.62);
  const teeth = design.integer(14, 26);
  const bore = design.between(0.13, 0.19);
  const web = radius * 0.6;
  const holes: Shape[] = [
    circle(bore),
    moved(box(bore * 0.5, bore * 0.25), { x: bore }),
  ];
  const count = design.pick([0, 4, 5, 6]);
  for (let i = 0; i < count; i++) {
    const angle = 2 * Math.PI * (i + 0.5) / count;
    const pose = { x: web * Math.cos(angle), y: web * Math.sin(angle) };
    holes.push(moved(circle(radius * 0.13), pose));
  }
  const blank = cog(teeth, radius, { depth: 2.6 * radius / teeth });
  const noise = new Noise(image);
  const frame = scene.place({ turn: 0.3 });
  frame.fill(
    without(blank, union(...holes)),
    layers(
      metal(metalColour(design), { random: image }),
      level(0),
      bevel(0.14, 0.035),
      turned(noise, { rings: 30, tone: 0.07, rise: 0.0005 }),
    ),
  );
  const recess = without(ring(web, radius * 0.5), union(...holes));
  frame.fill(recess, slope(-0.05, 0.03));
}

/** A cylinder's height above its axis at distance `y`. */
function barrel(radius: number, y: number): number {
  return 0.9 * Math.sqrt(Math.max(0, radius * radius - y * y));
}

/** A screw or bolt lying on its side. */
export function drawScrew(scene: Scene): void {
  const { design, image } = scene;
  const radius = design.between(0.11, 0.15);
  const finish = metal(metalColour(design), { random: image });
  const angle = design.between(0, 2 * Math.PI);
  const frame = scene.place({ turn: 0.4 }).at({ angle, scale: 1.15 });
  const width = threaded(design, radius);
  const end = design.between(0.6, 0.72);
  const shank: Shape = {
    centre: [0, 0],
    reach: 0.75,
    distance: (x, y) => Math.max(Math.abs(y) - width(x, y), x - end, -0.55 - x),
  };
  frame.fill(
    shank,
    layers(finish, (texel, { x, y }) => {
      const here = width(x, y);
      texel.height = 0.1 + barrel(here, y);
      shadeBy(texel, 0.5 + 0.5 * Math.min(1, here / radius));
    }),
  );
  const head = design.between(0.24, 0.31);
  const tall = design.between(0.12, 0.2);
  const cone = design.chance(0.5) ? (head - radius) / tall : 0;
  const top: Shape = {
    centre: [0, 0],
    reach: 0.8,
    distance: (x, y) => {
      const half = head - cone * Math.max(0, x + 0.55);
      return Math.max(Math.abs(y) - half, x + 0.55 - tall, -0.66 - x);
    },
  };
  frame.fill(
    top,
    layers(finish, (texel, { y, depth }) => {
      texel.height = 0.08 * Math.min(1, depth / 0.03) + barrel(head, y);
    }),
  );
}

/** Half the width of a shank along its axis, smooth near the head. */
function threaded(
  design: Random,
  radius: number,
): (x: number, y: number) => number {
  const pitch = design.between(0.08, 0.11);
  const smooth = design.between(-0.4, -0.1);
  const point = design.chance(0.6) ? 0.45 : 9;
  return (x, y) => {
    const turns = (x + y * 0.25) / pitch;
    const ridge = Math.abs(2 * (turns - Math.floor(turns)) - 1);
    const cut = x < smooth ? 1 : 1 - 0.26 * ridge;
    return Math.max(0.01, radius * cut * (1 - Math.max(0, x - point) / 0.28));
  };
}

/** A hexagon or square nut seen along its thread. */
export function drawNut(scene: Scene): void {
  const { design, image } = scene;
  const size = design.between(0.54, 0.64);
  const bore = size * design.between(0.46, 0.56);
  const sides = design.pick([6, 6, 6, 4]);
  const inradius = sides === 4 ? size * 0.86 : size;
  const foot = design.pick([0, 0, 0.06]);
  const colour = metalColour(design);
  const angle = design.between(0, 2 * Math.PI);
  const noise = new Noise(image);
  const frame = scene.place({ turn: 0.4 }).at({ angle });
  const finish = metal(colour, { random: image });
  if (foot > 0) {
    const collar = without(circle(size * 1.25), circle(bore));
    frame.fill(collar, layers(finish, level(0), bevel(foot, 0.08)));
  }
  frame.fill(
    without(polygon(sides, inradius), circle(bore)),
    layers(
      finish,
      (texel, { x, y, depth }) => {
        // The turned chamfer takes the corners off as a cone.
        const beyond = Math.sqrt(x * x + y * y) - size * 0.93;
        const top = 0.2 - 0.55 * Math.max(0, beyond);
        texel.height = foot + top * Math.min(1, 0.35 + 16 * depth);
      },
      turned(noise, { rings: 40, tone: 0.07, rise: 0.0005 }),
    ),
  );
  // The thread: turns of the wall, each deeper and darker.
  for (let turn = 0; turn < 3; turn++) {
    const wall = metal(dim(colour, 0.55 - 0.13 * turn), { random: image });
    frame.fill(
      ring(bore * (0.98 - 0.06 * turn), bore * 0.07),
      layers(wall, level(0.17 - 0.04 * turn)),
    );
  }
}
