/**
 * Textures of sheets: brushed and perforated metal, cardboard, wood, leather.
 *
 * @module
 */
import { Noise } from "../noise.ts";
import { type Colour, dim, dye, mix, rgb } from "../picture/colour.ts";
import type { Frame } from "../picture/frame.ts";
import {
  coat,
  grain,
  layers,
  level,
  shadeBy,
  tint,
} from "../picture/shaders.ts";
import {
  box,
  circle,
  ellipse,
  EVERYWHERE,
  polygon,
} from "../picture/shapes.ts";
import type { Random } from "../../random.ts";
import type { Scene } from "../scene.ts";
import { metalColour, METALS, plasticColour, VOID } from "./materials.ts";

/** Sheet metal brushed in one direction. */
export function drawSteel(scene: Scene): void {
  const { design, image } = scene;
  const colour = design.pick([METALS.steel, METALS.zinc, METALS.brass]);
  const lines = design.between(40, 60);
  const noise = new Noise(image);
  const angle = design.pick([0, 0.5, 1]) * Math.PI / 2;
  scene.place({ turn: 0.05, shift: 1 }).at({ angle }).fill(
    EVERYWHERE,
    layers(
      coat(colour, { gloss: 0.4, metal: 1 }),
      grain(noise, { across: 0.9, along: lines, tone: 0.16, rise: 0.0008 }),
      grain(noise, { across: 0.4, along: 5, tone: 0.08 }),
    ),
  );
}

/** Sheet with a pattern of punched openings. */
export function drawPerforated(scene: Scene): void {
  const { design, image } = scene;
  const pitch = design.between(0.24, 0.36);
  const size = pitch * design.between(0.24, 0.32);
  const opening = design.pick([
    circle(size),
    circle(size),
    box(size, size, { round: size / 4 }),
    box(size * 1.25, size * 0.55, { round: size * 0.5 }),
    polygon(6, size),
  ]);
  const painted = design.chance(0.4);
  const colour = painted ? plasticColour(design) : metalColour(design);
  const stagger = design.pick([0, 0.5]);
  const noise = new Noise(image);
  const frame = scene.place({ turn: 0.05, shift: 0.15 });
  frame.fill(
    EVERYWHERE,
    layers(
      coat(colour, { gloss: 0.4, metal: painted ? 0 : 1 }),
      level(0.12),
      grain(noise, { across: 2, along: 24, tone: 0.05, rise: 0.0005 }),
      grain(noise, { across: 2, tone: 0.08 }),
    ),
  );
  for (let row = -5; row <= 5; row++) {
    for (let column = -5; column <= 5; column++) {
      const x = pitch * (column + stagger * (row & 1));
      const pose = { x, y: pitch * row, reach: size };
      scene.part(frame, pose, (at) => {
        at.fill(opening, layers(VOID, level(0)));
      });
    }
  }
}

/** Corrugated kraft board with flutes showing through. */
export function drawCardboard(scene: Scene): void {
  const { design, image } = scene;
  const kraft = mix(rgb(0xc49a6c), rgb(0xa67c52), {
    share: design.between(0, 1),
  });
  const flutes = design.between(5, 8);
  const depth = design.between(0.003, 0.006);
  const noise = new Noise(image);
  scene.place({ turn: 0.05, shift: 1 }).fill(
    EVERYWHERE,
    layers(
      coat(kraft, { gloss: 0.03 }),
      (texel, { x, y }) => {
        const bend = 0.05 * noise.at(x, y);
        const wave = Math.cos(2 * Math.PI * flutes * (y + bend));
        texel.height += depth * wave;
        shadeBy(texel, 1 + 0.04 * wave);
      },
      grain(noise, { across: 14, along: 40, tone: 0.12, rise: 0.0008 }),
      grain(noise, { across: 1.5, tone: 0.08 }),
      (texel, { x, y }) => {
        const fleck = noise.at(x * 16 + 90, y * 34);
        if (fleck > 0.62) shadeBy(texel, 0.72);
      },
    ),
  );
}

/** Planed wood: year rings, fibres and pores, sometimes a seam. */
export function drawWood(scene: Scene): void {
  const { design, image } = scene;
  const hue = design.between(0.05, 0.1);
  const light = design.between(0.55, 0.85);
  const early = dye(hue, { light, dark: light * 0.45 });
  const late = dim(early, design.between(0.4, 0.62));
  const rings = design.between(3, 6);
  const noise = new Noise(image);
  const frame = scene.place({ turn: 0.05, shift: 1 });
  frame.fill(
    EVERYWHERE,
    layers(
      coat(early, { gloss: 0.12 }),
      (texel, { x, y }) => {
        const drift = 0.5 * noise.fractal(x * 0.9, y * 0.28, 2);
        const t = (x + drift) * rings;
        const year = t - Math.floor(t);
        tint(texel, late, year * year * (year < 0.92 ? 1 : (1 - year) * 12.5));
        const fibre = noise.fractal(x * 42 + 8 * drift, y * 2.2, 2);
        shadeBy(texel, 1 + 0.2 * fibre);
        texel.height += 0.0012 * fibre;
        const pore = noise.at(x * 34, y * 5 + 70);
        if (pore > 0.55) {
          shadeBy(texel, 0.7);
          texel.height -= 0.002;
        }
      },
    ),
  );
  const knots = design.chance(0.5) ? image.integer(0, 2) : 0;
  for (let i = 0; i < knots; i++) {
    paintKnot(frame.at({ x: image.about(1), y: image.about(1) }), {
      colour: dim(late, 0.5),
      random: image,
    });
  }
}

/** Where a branch grew: dark rings in the grain. */
function paintKnot(
  frame: Frame,
  { colour, random }: { colour: Colour; random: Random },
): void {
  const noise = new Noise(random);
  const size = random.between(0.09, 0.16);
  frame.fill(ellipse(size, size * 1.5), (texel, { x, y, depth }) => {
    const ring = depth * 55 + 2 * noise.at(x * 8, y * 8);
    const shade = 0.75 + 0.25 * Math.abs(2 * (ring - Math.floor(ring)) - 1);
    tint(texel, colour, shade * Math.min(1, depth / 0.05));
  });
}

/** Grained leather: soft bumps between creases. */
export function drawLeather(scene: Scene): void {
  const { design, image } = scene;
  const hide = design.pick([
    rgb(0x7a4a2a),
    rgb(0x5a3422),
    rgb(0x9c6b40),
    rgb(0x2c2a2a),
    rgb(0x7c2a24),
    rgb(0x3a4a5c),
  ]);
  const bumps = design.between(9, 14);
  const noise = new Noise(image);
  scene.place({ turn: 0.4, shift: 1 }).fill(
    EVERYWHERE,
    layers(
      coat(hide, { gloss: 0.22 }),
      grain(noise, { across: 1.2, tone: 0.34, octaves: 3 }),
      (texel, { x, y }) => {
        const bend = 0.35 * noise.at(x * 5, y * 5);
        const { border, id } = noise.cell(x * bumps + bend, y * bumps - bend);
        const rise = Math.min(1, 1.8 * border);
        texel.height += 0.016 * rise * (2 - rise) * (0.7 + 0.5 * id);
        shadeBy(texel, 0.62 + 0.38 * rise + 0.12 * (id - 0.5));
      },
      grain(noise, { across: 40, tone: 0.08, rise: 0.0006 }),
    ),
  );
}
