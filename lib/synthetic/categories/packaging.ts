/**
 * Objects of packaging: bottle and cap.
 *
 * @module
 */
import { Noise } from "../noise.ts";
import {
  brightness,
  type Colour,
  dim,
  dye,
  mix,
  rgb,
} from "../picture/colour.ts";
import type { Frame, Shader } from "../picture/frame.ts";
import { word } from "../picture/glyphs.ts";
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
import { circle, cog, ring } from "../picture/shapes.ts";
import type { Scene } from "../scene.ts";
import { plastic, plasticColour } from "./materials.ts";

/** Clear glass: what lies under it shows in its colour, darker at the edge. */
function glaze(glass: Colour, { wall }: { wall: number }): Shader {
  return (texel, { depth }) => {
    const thick = Math.max(0, 1 - depth / wall);
    const clear = 1.5 * (1 - 0.85 * thick * thick);
    texel.red *= clear * glass[0];
    texel.green *= clear * glass[1];
    texel.blue *= clear * glass[2];
    texel.gloss = 1;
    texel.metal = 0;
  };
}

/** A glass bottle seen from above its mouth. */
export function drawBottle(scene: Scene): void {
  const { design, image } = scene;
  const glass = design.pick([
    rgb(0x7cb070),
    rgb(0xb87840),
    rgb(0xb8dcd4),
    rgb(0x6090b8),
    rgb(0xd8e0dc),
  ]);
  const body = design.between(0.68, 0.78);
  const neck = body * design.between(0.5, 0.6);
  const mouth = neck * design.between(0.66, 0.76);
  const noise = new Noise(image);
  const frame = scene.place({ turn: 0.4, shift: 0.03, zoom: 0.03 });
  frame.fill(
    circle(body),
    layers(
      glaze(glass, { wall: 0.13 }),
      level(0),
      dome(0.34, body * 1.01),
      grain(noise, { across: 2.5, tone: 0.12, rise: 0.006 }),
    ),
  );
  const rim = coat(mix(glass, [1, 1, 1], { share: 0.3 }), { gloss: 1 });
  frame.fill(ring(body * 0.9, body * 0.03), rim, { soft: 0.04, opacity: 0.7 });
  frame.fill(
    circle(neck * 1.14),
    layers(glaze(dim(glass, 0.75), { wall: 0.08 }), slope(0.05, 0.05)),
  );
  const width = neck - mouth;
  frame.fill(
    ring((neck + mouth) / 2, width),
    layers(
      rim,
      level(0.44),
      bevel(0.08, width * 0.5),
      grain(noise, { across: 4, tone: 0.1, rise: 0.002 }),
    ),
  );
  paintMouth(frame, { mouth, glass });
}

/** The dark inside of a bottle, with a glint of its bottom. */
function paintMouth(
  frame: Frame,
  { mouth, glass }: { mouth: number; glass: Colour },
): void {
  frame.fill(
    circle(mouth),
    layers(coat(dim(glass, 0.1), { gloss: 0.3 }), (texel, { x, y, depth }) => {
      const inner = Math.sqrt(x * x + y * y) / mouth;
      shadeBy(texel, 0.7 + 2.5 * inner * inner * inner);
      texel.height = 0.42 - 0.1 * Math.min(1, depth * 12);
    }),
  );
  frame.fill(
    ring(mouth * 0.68, mouth * 0.07),
    coat(glass, { gloss: 0.6 }),
    { soft: 0.03, opacity: 0.45 },
  );
}

/** A printed closure with a grip around it. */
export function drawCap(scene: Scene): void {
  const { design, image } = scene;
  const colour = plasticColour(design);
  const radius = design.between(0.6, 0.7);
  const grips = design.integer(28, 48);
  const frame = scene.place({ turn: 0.3 });
  const finish = plastic(colour, { random: image });
  frame.fill(
    cog(grips, radius, { depth: 0.045 }),
    layers(finish, level(0), bevel(0.16, 0.06)),
  );
  frame.fill(circle(radius * 0.92), bevel(0.035, 0.04));
  const panel = radius * design.between(0.72, 0.8);
  frame.fill(circle(panel), slope(-0.03, 0.03));
  const ink = brightness(colour) > 0.55
    ? dye(design.between(0, 1), { light: 0.4, dark: 0.08 })
    : rgb(0xeeeeea);
  const letters = word(design, { count: design.integer(2, 4) });
  const border = ring(panel * 0.84, panel * 0.06);
  const size = panel * design.between(0.19, 0.24);
  scene.part(frame, { reach: size * 2 }, (at) => {
    const print = at.at({ scale: size * 1.3 });
    for (const letter of letters) print.fill(letter, coat(ink, { gloss: 0.2 }));
  });
  if (design.chance(0.6)) frame.fill(border, coat(ink, { gloss: 0.2 }));
}
