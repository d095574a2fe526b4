/**
 * Light: from a relief to the picture a camera above it takes.
 *
 * Only +, -, *, / and square roots are used for each pixel, so that every
 * machine computes the same bytes.
 *
 * @module
 */
import type { RgbImage } from "../../image/image.ts";
import type { Random } from "../../random.ts";
import type { Colour } from "./colour.ts";
import { blur, type Relief } from "./relief.ts";

/** A lamp above the product, its surroundings, and the camera. */
export interface Light {
  /** Place of the lamp, picture units; z is its height. */
  readonly x: number;
  /** Place of the lamp. */
  readonly y: number;
  /** Place of the lamp. */
  readonly z: number;
  /** Brightness of the lamp. */
  readonly lamp: Colour;
  /** Brightness of the surroundings. */
  readonly sky: Colour;
  /** Standard deviation of the sensor's noise, in 1/255. */
  readonly noise: number;
}

/**
 * A lamp: where it stands belongs to the inspection station, how it burns
 * differs a little from image to image.
 */
export function lampOf(station: Random, image: Random): Light {
  const angle = station.between(0, 2 * Math.PI) + image.about(0.15);
  const distance = station.between(0.7, 2);
  const warmth = station.about(0.05);
  const power = station.between(0.78, 0.95) * (1 + image.about(0.05));
  const ambient = station.between(0.26, 0.42) * (1 + image.about(0.05));
  return {
    x: distance * Math.cos(angle),
    y: distance * Math.sin(angle),
    z: station.between(1.7, 2.6),
    lamp: [power * (1 + warmth), power, power * (1 - warmth)],
    sky: [ambient, ambient, ambient * 1.03],
    noise: station.between(0.8, 2),
  };
}

/** How high the camera stands, picture units. */
const CAMERA = 4;
/** Steps towards the lamp at which something may stand in its way. */
const SHADOW_STEPS: readonly number[] = [0.04, 0.1, 0.18, 0.28];

/** Rows from `top` up to `bottom`, columns from `left` up to `right`. */
export interface Window {
  /** First row. */
  readonly top: number;
  /** Row after the last. */
  readonly bottom: number;
  /** First column. */
  readonly left: number;
  /** Column after the last. */
  readonly right: number;
}

/** The lit picture, 0 to 255 for each component, not yet rounded. */
export function lit(relief: Relief, light: Light): Float32Array {
  const { side } = relief;
  const picture = new Float32Array(side * side * 3); // [side, side, 3]
  const window = { top: 0, bottom: side, left: 0, right: side };
  relight(picture, { relief, light, window });
  return picture;
}

/** Lights the pixels of a window anew, after the relief changed there. */
export function relight(
  picture: Float32Array,
  { relief, light, window }: { relief: Relief; light: Light; window: Window },
): void {
  const { side, height } = relief;
  const soft = blur(height, Math.max(1, Math.round(side * 0.012)));
  const wide = blur(height, Math.max(1, Math.round(side * 0.045)));
  const none = { nx: 0, ny: 0, nz: 1, facing: 0, mirror: 0, up: 0 };
  const { x, y, z } = light;
  const reference = x * x + y * y + z * z;
  const start = { row: 0, column: 0, lamplight: 1, reference, ...none };
  const planes = [relief.red, relief.green, relief.blue];
  const spot: Spot = { relief, planes, light, soft, wide, ...start };
  for (let row = window.top; row < window.bottom; row++) {
    spot.row = row;
    for (let column = window.left; column < window.right; column++) {
      spot.column = column;
      lightPixel(spot, picture);
    }
  }
}

/** A pixel being lit; one object serves all pixels of a picture. */
interface Spot {
  readonly relief: Relief;
  readonly planes: readonly Float32Array[];
  readonly light: Light;
  /** Heights softened a little, which cast shadows. */
  readonly soft: Float32Array; // [side, side]
  /** Heights softened much, which close in on hollows. */
  readonly wide: Float32Array; // [side, side]
  row: number;
  column: number;
  /** Surface normal. */
  nx: number;
  ny: number;
  nz: number;
  /** Cosine between the normal and the lamp. */
  facing: number;
  /** Cosine between the mirrored view and the lamp. */
  mirror: number;
  /** Height of the mirrored view: 1 straight up. */
  up: number;
  /** Squared distance from the lamp to the picture's middle. */
  readonly reference: number;
  /** Brightness of the lamp here, 1 in the open in the picture's middle. */
  lamplight: number;
}

/** Finds the normal from central differences that steep edges bound. */
function setNormal(spot: Spot): void {
  const { relief: { side, height }, row, column } = spot;
  const i = row * side + column;
  const left = height[column > 0 ? i - 1 : i]!;
  const right = height[column < side - 1 ? i + 1 : i]!;
  const above = height[row > 0 ? i - side : i]!;
  const below = height[row < side - 1 ? i + side : i]!;
  const gx = bounded((left - right) * side / 4);
  const gy = bounded((above - below) * side / 4);
  spot.nz = 1 / Math.sqrt(gx * gx + gy * gy + 1);
  spot.nx = gx * spot.nz;
  spot.ny = gy * spot.nz;
}

/** Finds where the lamp and the camera are as seen from the pixel. */
function setRays(spot: Spot): void {
  const { relief: { side, height }, light, row, column, nx, ny, nz } = spot;
  const x = (2 * column + 1) / side - 1;
  const y = (2 * row + 1) / side - 1;
  const lx = light.x - x;
  const ly = light.y - y;
  const lz = light.z - height[row * side + column]!;
  const l = 1 / Math.sqrt(lx * lx + ly * ly + lz * lz);
  const v = 1 / Math.sqrt(x * x + y * y + CAMERA * CAMERA);
  const facing = nx * lx + ny * ly + nz * lz;
  const twice = 2 * v * (nz * CAMERA - nx * x - ny * y);
  const rx = twice * nx + x * v;
  const ry = twice * ny + y * v;
  const rz = twice * nz - CAMERA * v;
  spot.facing = Math.max(0, facing * l);
  spot.mirror = Math.max(0, (rx * lx + ry * ly + rz * lz) * l);
  spot.up = Math.max(0, rz);
  const nearness = 0.4 + 0.6 * spot.reference * l * l;
  spot.lamplight = nearness * lamplightAt(spot, lx / lz, ly / lz);
}

function lightPixel(spot: Spot, picture: Float32Array): void {
  setNormal(spot);
  setRays(spot);
  const { relief, planes, light, wide, mirror, up, lamplight } = spot;
  const i = spot.row * relief.side + spot.column;
  const hollow = Math.max(0, wide[i]! - relief.height[i]! - 0.004);
  const open = 1 / (1 + 9 * hollow);
  const gloss = relief.gloss[i]!;
  const metal = relief.metal[i]!;
  const sharp = 3 + 45 * gloss;
  // Schlick's rational stand-in for Phong's power of the cosine.
  const glint = gloss * lamplight * mirror / (sharp - sharp * mirror + mirror);
  // What metal mirrors: a dim horizon, a bright ceiling, the lamp's own glow.
  const room = (0.36 + 0.6 * up * up) * (0.55 + 0.275 * mirror * (1 + mirror));
  const shine = room * open * (0.35 + 0.65 * lamplight) + 1.5 * glint;
  const diffuse = spot.facing * lamplight;
  const ambient = open * (0.55 + 0.45 * spot.nz);
  for (let c = 0; c < 3; c++) {
    const lamp = light.lamp[c]!;
    const matt = light.sky[c]! * ambient + lamp * diffuse;
    const mirrored = lamp * shine + 0.2 * diffuse;
    const paint = planes[c]![i]! * (matt + metal * (mirrored - matt));
    picture[3 * i + c] = develop(paint + 0.9 * (1 - metal) * glint * lamp);
  }
}

/** Keeps the sign and small values, and stays within -2 to 2. */
function bounded(slope: number): number {
  return slope / (1 + Math.abs(slope) / 2);
}

/**
 * Share of the lamp that reaches a place: a walk over softened heights, whose
 * step goes (dx, dy) sideways for each unit it rises.
 */
function lamplightAt(
  { relief: { side, height }, soft, row, column }: Spot,
  dx: number,
  dy: number,
): number {
  const h = height[row * side + column]!;
  let blocked = 0;
  for (let i = 0; i < SHADOW_STEPS.length; i++) {
    const step = SHADOW_STEPS[i]!;
    const c = Math.round(column + dx * step * side / 2);
    const r = Math.round(row + dy * step * side / 2);
    if (c < 0 || r < 0 || c >= side || r >= side) break;
    blocked = Math.max(blocked, soft[r * side + c]! - h - step - 0.005);
  }
  return 1 / (1 + 40 * blocked * Math.min(1, 25 * blocked));
}

/** Film: gamma 2, with a shoulder above 0.75 that never reaches white. */
function develop(linear: number): number {
  const bright = linear <= 0.75
    ? linear
    : 0.75 + 0.25 * (linear - 0.75) / (linear - 0.5);
  return 255 * Math.sqrt(bright);
}

/** Adds the sensor's noise and rounds to bytes. */
export function expose(
  picture: Float32Array,
  { light, random }: { light: Light; random: Random },
): RgbImage {
  const data = new Uint8Array(picture.length);
  // Sum of two uniform 16-bit numbers: variance 2 * 65536^2 / 12.
  const scale = light.noise / 26755;
  for (let i = 0; i < data.length; i++) {
    const bits = random.bits();
    const noise = scale * ((bits & 0xffff) + (bits >>> 16) - 65535);
    data[i] = Math.min(255, Math.max(0, Math.round(picture[i]! + noise)));
  }
  const side = Math.sqrt(data.length / 3);
  return { width: side, height: side, data };
}
