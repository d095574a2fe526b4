/**
 * Textures of stone and the like: concrete, tiles, terrazzo.
 *
 * @module
 */
import { Noise } from "../noise.ts";
import { type Colour, dim, dye, grey, rgb } from "../picture/colour.ts";
import {
  bevel,
  coat,
  grain,
  layers,
  shadeBy,
  tint,
} from "../picture/shaders.ts";
import { box, EVERYWHERE } from "../picture/shapes.ts";
import type { Scene } from "../scene.ts";

/** Cast concrete with clouds, sand and air holes. */
export function drawConcrete(scene: Scene): void {
  const { design, image } = scene;
  const colour = grey(design, { low: 0.5, high: 0.72 });
  const holes = design.between(4, 7);
  const size = design.between(0.12, 0.24);
  const noise = new Noise(image);
  const frame = scene.place({ turn: 0.1, shift: 1 });
  frame.fill(
    EVERYWHERE,
    layers(
      coat(colour, { gloss: 0.02 }),
      grain(noise, { across: 1.6, tone: 0.2, octaves: 4 }),
      grain(noise, { across: 26, tone: 0.14, rise: 0.003, octaves: 2 }),
      (texel, { x, y }) => {
        const { near, id } = noise.cell(x * holes, y * holes);
        const depth = size * id * id - near;
        if (depth <= 0) return;
        texel.height -= 0.5 * Math.min(0.06, depth);
        shadeBy(texel, 1 - Math.min(0.5, 9 * depth));
      },
    ),
  );
}

/** Glazed tiles in grout, in rows that may be staggered. */
export function drawTile(scene: Scene): void {
  const { design, image } = scene;
  const high = design.between(0.32, 0.46);
  const wide = high * design.pick([1, 1, 1.6]);
  const stagger = design.pick([0, 0.5]);
  const gap = design.between(0.03, 0.05);
  const light = design.between(0.4, 0.9);
  const colour = dye(design.between(0, 1), { light, dark: light * 0.72 });
  const grout = grey(design, { low: 0.35, high: 0.8 });
  const noise = new Noise(image);
  const frame = scene.place({ turn: 0.04, shift: 0.2 });
  frame.fill(
    EVERYWHERE,
    layers(
      coat(grout, { gloss: 0 }),
      grain(noise, { across: 30, tone: 0.15, rise: 0.003 }),
    ),
  );
  const shape = box(wide / 2 - gap / 2, high / 2 - gap / 2, { round: 0.025 });
  for (let row = -3; row <= 3; row++) {
    for (let column = -4; column <= 4; column++) {
      const x = wide * (column + stagger * (row & 1));
      const pose = { x, y: high * row, reach: high / 3 };
      if (Math.abs(x) > 1.4 || Math.abs(pose.y) > 1.4) continue;
      scene.part(frame, pose, (tile, random) => {
        tile.fill(
          shape,
          layers(
            coat(dim(colour, 1 + random.about(0.12)), { gloss: 0.6 }),
            bevel(0.045, 0.05),
            grain(new Noise(random), { across: 3, tone: 0.06, rise: 0.002 }),
          ),
        );
      });
    }
  }
}

/** Chips of stone in ground and polished cement. */
export function drawTerrazzo(scene: Scene): void {
  const { design, image } = scene;
  const cement = grey(design, { low: 0.7, high: 0.88 });
  const palette: readonly Colour[] = [
    rgb(0x9a8a78),
    grey(design, { low: 0.25, high: 0.4 }),
    dye(design.between(0, 1), { light: 0.65, dark: 0.4 }),
    dye(design.between(0, 0.12), { light: 0.75, dark: 0.5 }),
  ];
  const large = design.between(3.2, 4.5);
  const noise = new Noise(image);
  const chips = (scale: number, share: number) => {
    return layers((texel, { x, y }) => {
      const bend = 0.25 * noise.at(x * 9, y * 9);
      const cell = noise.cell(x * scale + bend, y * scale - bend);
      const inside = Math.min(1, (cell.border - 0.22) * 60 / scale);
      if (cell.id >= share || inside <= 0) return;
      const colour = palette[Math.floor(cell.id / share * palette.length)]!;
      tint(texel, colour, inside);
    });
  };
  scene.place({ turn: 0.5, shift: 1 }).fill(
    EVERYWHERE,
    layers(
      coat(cement, { gloss: 0.5 }),
      grain(noise, { across: 5, tone: 0.05 }),
      chips(large * 2.6, 0.45),
      chips(large, 0.5),
      grain(noise, { across: 30, tone: 0.06, rise: 0.0004 }),
    ),
  );
}
