import assert from "node:assert/strict";
import * as ort from "onnxruntime-node";
import type { RgbImage } from "../../lib/image/image.ts";
import { resizeBicubic } from "../../lib/image/resample.ts";
import { Emitter } from "../../lib/onnx/emitter.ts";
import { writeModel } from "../../lib/onnx/model_proto.ts";
import { emitResizeImages } from "../../lib/onnx/resize_images.ts";
import { scattered } from "../contract/numbers.ts";

const SIDE = 28;

/** A model that resizes alone. */
function model(): Uint8Array {
  const emit = new Emitter({
    precision: "f16",
    locate: (file) => file,
    weight: (name) => assert.fail(`${name} is not stored`),
  });
  const resized = emitResizeImages(emit, "image", SIDE);
  emit.node("Identity", [resized], { output: "resized" });
  const shape = ["batch", "height", "width", 3];
  return writeModel({
    nodes: emit.nodes,
    initializers: emit.initializers,
    inputs: [{ name: "image", shape, type: "uint8" }],
    outputs: [{
      name: "resized",
      shape: ["batch", 3, SIDE, SIDE],
      type: "float32",
    }],
  });
}

function image(width: number, height: number): RgbImage {
  const data = scattered(height * width * 3).map((x) => Math.abs(x) * 997);
  return { width, height, data: Uint8Array.from(data) };
}

Deno.test("emitResizeImages() resizes as resizeBicubic() does", async () => {
  const session = await ort.InferenceSession.create(model());
  const sizes = [[28, 28], [57, 91], [300, 9], [1, 1], [2, 640], [14, 14]];
  for (const [width, height] of sizes as [number, number][]) {
    const pixels = image(width, height);
    const shape = [1, height, width, 3];
    const fed = new ort.Tensor("uint8", pixels.data, shape);
    const { resized } = await session.run({ image: fed });
    const expected = resizeBicubic(pixels, SIDE, SIDE).data; // [H, W, 3]
    const found = resized!.data as Float32Array; // [3, H, W]
    const plane = SIDE * SIDE;
    const differences = Array.from(
      expected,
      (byte, i) => Math.abs(byte - found[(i % 3) * plane + Math.trunc(i / 3)]!),
    );
    const label = `${width} x ${height}`;
    assert(Math.max(...differences) <= 1, label);
    // Where a sum lies on the border between two bytes.
    const different = differences.filter((difference) => difference > 0);
    assert(different.length <= 0.01 * expected.length, label);
  }
  await session.release();
});
