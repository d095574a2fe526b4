/**
 * Assemblies: random bodies with random parts. Every design is another product,
 * so that a model cannot learn a few products by heart.
 *
 * @module
 */
import { Noise } from "../noise.ts";
import { brightness, type Colour, dim, grey, rgb } from "../picture/colour.ts";
import type { Frame, Shader } from "../picture/frame.ts";
import { word } from "../picture/glyphs.ts";
import {
  bevel,
  coat,
  dome,
  grain,
  layers,
  level,
  slope,
  turned,
} from "../picture/shaders.ts";
import {
  box,
  circle,
  cog,
  moved,
  polygon,
  type Pose,
  ring,
  type Shape,
  union,
  without,
} from "../picture/shapes.ts";
import type { Random } from "../../random.ts";
import type { Scene } from "../scene.ts";
import {
  metal,
  metalColour,
  plastic,
  plasticColour,
  VOID,
} from "./materials.ts";

/** Draws one part of the given radius about the origin. */
type Part = (at: Frame, random: Random) => void;
/** Designs one part of the given radius. */
type Maker = (design: Random, radius: number) => Part;

function outline(design: Random): Shape {
  const wide = design.between(0.6, 0.84);
  const high = design.between(0.5, 0.78);
  const round = design.between(0.02, 0.3);
  const plate = box(wide, high, { round });
  const bar = box(high * 0.5, wide, { round: 0.1 });
  return design.pick([
    plate,
    plate,
    circle(wide * 0.95),
    polygon(design.integer(5, 8), wide * 0.88),
    cog(design.integer(3, 6), wide * 0.78, { depth: 0.16 }),
    union(plate, moved(bar, { x: design.about(0.2) })),
    union(box(wide, high * 0.5, { round: 0.1 }), circle(high)),
  ]);
}

function material(design: Random, image: Random): Shader {
  const noise = new Noise(image);
  const kind = design.integer(0, 3);
  if (kind === 0) return metal(metalColour(design), { random: image });
  if (kind === 1) return plastic(plasticColour(design), { random: image });
  const rough = coat(
    kind === 2 ? grey(design, { low: 0.2, high: 0.75 }) : plasticColour(design),
    { gloss: 0.08 },
  );
  const across = design.between(12, 30);
  return layers(
    rough,
    grain(noise, { across, tone: 0.16, rise: 0.004 }),
    grain(noise, { across: 2, tone: 0.08 }),
  );
}

const screw: Maker = (design, radius) => {
  const colour = metalColour(design);
  const drive = design.pick([
    box(radius * 0.7, radius * 0.12),
    union(
      box(radius * 0.55, radius * 0.12),
      box(radius * 0.12, radius * 0.55),
    ),
    polygon(6, radius * 0.4),
  ]);
  return (at, random) => {
    const head = at.at({ angle: random.between(0, 3) });
    head.fill(
      circle(radius * 0.8),
      layers(
        metal(colour, { random }),
        bevel(0.08, radius * 0.3),
        turned(new Noise(random), { rings: 60, tone: 0.06 }),
      ),
    );
    head.fill(drive, layers(coat(dim(colour, 0.15)), slope(-0.07, 0.01)));
  };
};

const button: Maker = (design, radius) => {
  const colour = plasticColour(design);
  const shape = design.pick([
    circle(radius * 0.85),
    box(radius * 0.9, radius * 0.6, { round: radius * 0.2 }),
  ]);
  return (at, random) => {
    at.fill(shape, layers(plastic(colour, { random }), bevel(0.12, 0.05)));
    at.fill(circle(radius * 0.4), dome(0.03, radius * 0.4));
  };
};

const label: Maker = (design, radius) => {
  const paper = design.pick([rgb(0xece8da), rgb(0xe6c23c), rgb(0x22252a)]);
  const ink: Colour = brightness(paper) > 0.5 ? rgb(0x202024) : rgb(0xe8e8e8);
  const text = word(design, { count: 3 });
  return (at) => {
    at.fill(
      box(radius, radius * 0.6, { round: 0.01 }),
      layers(coat(paper, { gloss: 0.15 }), slope(0.008, 0.006)),
    );
    const print = at.at({ scale: radius * 0.45 });
    for (const letter of text) print.fill(letter, coat(ink));
  };
};

const bushing: Maker = (design, radius) => {
  const colour = metalColour(design);
  return (at, random) => {
    at.fill(
      ring(radius * 0.68, radius * 0.4),
      layers(metal(colour, { random }), bevel(0.08, 0.03)),
    );
    at.fill(circle(radius * 0.48), layers(VOID, level(0)));
  };
};

const vent: Maker = (design, radius) => {
  const slots = design.integer(2, 4);
  const slot = box(radius * 0.85, radius * 0.14, { round: radius * 0.14 });
  return (at) => {
    for (let i = 0; i < slots; i++) {
      at.at({ y: radius * 0.5 * (i - (slots - 1) / 2) }).fill(
        slot,
        layers(VOID, slope(-0.08, 0.02)),
      );
    }
  };
};

const insert: Maker = (design, radius) => {
  const colour = plasticColour(design);
  const shape = polygon(design.integer(3, 6), radius * 0.65);
  return (at, random) => {
    at.fill(
      shape,
      layers(plastic(colour, { random, gloss: 0.7 }), bevel(0.07, 0.06)),
    );
  };
};

const MAKERS: readonly Maker[] = [
  screw,
  screw,
  button,
  label,
  bushing,
  vent,
  insert,
];

/** Places inside the outline, apart from each other. */
function sites(
  design: Random,
  shape: Shape,
): Required<Pick<Pose, "x" | "y">>[] {
  const found: { x: number; y: number }[] = [];
  const wanted = design.integer(4, 8);
  for (let i = 0; i < 300 && found.length < wanted; i++) {
    const x = design.about(0.75);
    const y = design.about(0.75);
    const free = found.every((site) =>
      Math.abs(site.x - x) + Math.abs(site.y - y) > 0.4
    );
    if (free && shape.distance(x, y) < -0.16) found.push({ x, y });
  }
  return found;
}

/** A random body with random parts. */
export function drawAssembly(scene: Scene): void {
  const { design, image } = scene;
  const shape = outline(design);
  const places = sites(design, shape);
  const holes = places.slice(1).filter(() => design.chance(0.15));
  const pierced = (solid: Shape) =>
    holes.reduce((rest, at) => without(rest, moved(circle(0.09), at)), solid);
  const angle = design.between(0, 2 * Math.PI);
  const frame = scene.place({ turn: 0.2 }).at({ angle, scale: 0.86 });
  frame.fill(
    pierced(shape),
    layers(
      material(design, image),
      level(0.02),
      bevel(design.between(0.08, 0.18), design.between(0.02, 0.08)),
    ),
  );
  if (design.chance(0.4)) {
    const inner = moved(shape, { scale: design.between(0.72, 0.86) });
    frame.fill(
      pierced(inner),
      slope(design.pick([-0.05, 0.05]), 0.03),
    );
  }
  for (const place of places) {
    const maker = design.pick(MAKERS);
    const radius = design.between(0.11, 0.16);
    const part = maker(design, radius);
    const pose = {
      ...place,
      reach: radius,
      angle: design.pick([0, 0, Math.PI / 2, design.about(3)]),
    };
    if (!holes.includes(place)) scene.part(frame, pose, part);
  }
}
