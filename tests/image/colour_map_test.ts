import assert from "node:assert/strict";
import { colourise, heatOpacity } from "../../lib/image/colour_map.ts";
import { decodeImage } from "../../lib/image/decode.ts";
import { encodeHeatmap } from "../../lib/image/heatmap.ts";

function colourOf(value: number, range?: [number, number]): number[] {
  const size = { width: 1, height: 1 };
  const options = range === undefined ? size : { ...size, range };
  return Array.from(colourise(new Float32Array([value]), options).data);
}

Deno.test("colourise() shows Turbo on the fixed range 0 to 1", () => {
  assert.deepEqual(colourOf(0), [35, 23, 27]);
  assert.deepEqual(colourOf(0.5), [150, 250, 80]);
  assert.deepEqual(colourOf(1), [144, 12, 0]);
});

Deno.test("colourise() gives a value the same colour in every map", () => {
  const options = { width: 2, height: 1 };
  const quiet = colourise(new Float32Array([0.1, 0.2]), options).data;
  const loud = colourise(new Float32Array([0.9, 0.2]), options).data;
  assert.deepEqual(quiet.subarray(3), loud.subarray(3));
});

Deno.test("colourise() clamps to its range and scales within it", () => {
  assert.deepEqual(colourOf(-1), colourOf(0));
  assert.deepEqual(colourOf(Infinity), colourOf(1));
  assert.deepEqual(colourOf(0.3, [0.2, 0.4]), colourOf(0.5));
});

Deno.test("colourise() throws on what has no colour", () => {
  assert.throws(() => colourOf(NaN), { name: "RangeError", message: /NaN/ });
  assert.throws(() => colourOf(0, [1, 1]), {
    name: "RangeError",
    message: /two increasing numbers: current value is \[1, 1\]$/,
  });
  const options = { width: 2, height: 2 };
  assert.throws(() => colourise(new Float32Array(3), options), {
    name: "TypeError",
    message: /current value is 3 values for 2 x 2$/,
  });
});

Deno.test("encodeHeatmap() writes the colours as a PNG of the map's size", async () => {
  const map = Float32Array.from({ length: 12 }, (_, i) => i / 11);
  const options = { width: 4, height: 3, range: [0, 1] as const };
  const { width, height, data } = await decodeImage(
    await encodeHeatmap(map, options),
  );
  assert.deepEqual({ width, height, data }, colourise(map, options));
});

Deno.test("heatOpacity() lets what is cold through, and covers from the middle on", () => {
  const map = Float32Array.of(0, 0.25, 0.5, 1);
  const coloured = colourise(map, { width: 4, height: 1 });
  const opacity = heatOpacity(coloured);
  assert.deepEqual([opacity[0], opacity[2], opacity[3]], [0, 255, 255]);
  assert.ok(Math.abs(opacity[1]! - 64) <= 2);
  const foreign = { width: 1, height: 1, data: new Uint8Array(3) };
  assert.deepEqual([...heatOpacity(foreign)], [255]);
});
