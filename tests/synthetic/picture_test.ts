import assert from "node:assert/strict";
import { Noise } from "../../lib/synthetic/noise.ts";
import { Frame } from "../../lib/synthetic/picture/frame.ts";
import { blur, Relief } from "../../lib/synthetic/picture/relief.ts";
import { coat } from "../../lib/synthetic/picture/shaders.ts";
import {
  box,
  circle,
  cog,
  ellipse,
  moved,
  polygon,
  ring,
  type Shape,
  stroke,
  union,
  without,
} from "../../lib/synthetic/picture/shapes.ts";
import { Random } from "../../lib/random.ts";

const SHAPES: readonly [string, Shape, number][] = [
  ["circle", circle(0.5), Math.PI * 0.25],
  ["ring", ring(0.5, 0.2), Math.PI * (0.36 - 0.16)],
  ["box", box(0.5, 0.3), 0.6],
  ["ellipse", ellipse(0.6, 0.3), Math.PI * 0.18],
  ["polygon", polygon(6, 0.5), 0.5 * 0.5 * 6 * Math.tan(Math.PI / 6)],
  ["stroke", stroke([[-0.5, 0], [0.5, 0]], { radius: 0.1 }), 0.2314],
  ["union", union(box(0.2, 0.2), moved(box(0.2, 0.2), { x: 0.6 })), 0.32],
  ["without", without(box(0.5, 0.5), box(0.25, 0.25)), 0.75],
  ["moved", moved(box(0.4, 0.2), { x: 0.2, angle: 1, scale: 1.5 }), 0.72],
];

/** Area in picture units that painting `shape` covers. */
function paintedArea(shape: Shape, pose: { angle: number }): number {
  const side = 200;
  const trace = new Float32Array(side * side);
  const canvas = { relief: new Relief(side), traces: [trace] };
  new Frame(canvas, pose).fill(shape, coat([1, 1, 1]));
  return 4 * trace.reduce((sum, share) => sum + share, 0) / trace.length;
}

for (const [name, shape, area] of SHAPES) {
  Deno.test(`fill() covers the area of a ${name}, however it is turned`, () => {
    for (const angle of [0, 0.4, 2]) {
      const painted = paintedArea(shape, { angle });
      assert(Math.abs(painted - area) < 0.01 * area + 0.002, `${painted}`);
    }
  });
}

Deno.test("cog() has as many teeth as asked", () => {
  const shape = cog(8, 0.5, { depth: 0.1 });
  let changes = 0;
  let inside = shape.distance(0.55, 0) < 0;
  for (let i = 1; i <= 720; i++) {
    const angle = 2 * Math.PI * i / 720;
    const now =
      shape.distance(0.55 * Math.cos(angle), 0.55 * Math.sin(angle)) < 0;
    if (now !== inside) changes++;
    inside = now;
  }
  assert.equal(changes, 16);
});

Deno.test("fill() paints nothing while muted but records it", () => {
  const relief = new Relief(32);
  const trace = new Float32Array(32 * 32);
  const canvas = { relief, traces: [trace], muted: true };
  new Frame(canvas, {}).fill(circle(0.5), coat([1, 0, 0]));
  assert(relief.red.every((value) => value === 0));
  assert(trace.some((share) => share === 1));
});

Deno.test("fill() stays within the clip", () => {
  const relief = new Relief(32);
  const clip = new Float32Array(32 * 32).fill(1, 0, 512);
  const canvas = { relief, clip, traces: [] };
  new Frame(canvas, {}).fill(circle(0.5), coat([1, 0, 0]));
  assert(relief.red.subarray(0, 512).some((value) => value === 1));
  assert(relief.red.subarray(512).every((value) => value === 0));
});

Deno.test("blur() spreads a point evenly and keeps its sum", () => {
  const plane = new Float32Array(21 * 21);
  plane[10 * 21 + 10] = 1;
  const blurred = blur(plane, 2);
  const sum = blurred.reduce((total, value) => total + value, 0);
  assert(Math.abs(sum - 1) < 1e-5);
  assert.equal(blurred[10 * 21 + 7], blurred[10 * 21 + 13]);
  assert.equal(blurred[7 * 21 + 10], blurred[13 * 21 + 10]);
  assert(blurred[10 * 21 + 10]! < 0.05);
});

Deno.test("blur() leaves an even plane as it is", () => {
  const blurred = blur(new Float32Array(81).fill(0.5), 3);
  for (const value of blurred) assert(Math.abs(value - 0.5) < 1e-6);
});

Deno.test("Noise is smooth, bounded and centred", () => {
  const noise = new Noise(new Random("noise test"));
  let sum = 0;
  for (let i = 0; i < 4000; i++) {
    const [x, y] = [0.37 * i, -0.11 * i];
    const value = noise.at(x, y);
    assert(Math.abs(value) < 1.7);
    assert(Math.abs(noise.at(x + 1e-4, y) - value) < 1e-3);
    sum += value;
  }
  assert(Math.abs(sum / 4000) < 0.05);
});

Deno.test("Noise.cell() has its border between two cells", () => {
  const noise = new Noise(new Random("cells"));
  const ids = new Set<number>();
  for (let i = 0; i < 500; i++) {
    const { near, border, id } = noise.cell(0.1 * i, 3.3);
    assert(near >= 0 && near < 1.5 && border >= 0 && id >= 0 && id < 1);
    ids.add(id);
  }
  assert(ids.size > 30);
});
