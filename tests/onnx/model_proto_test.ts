import assert from "node:assert/strict";
import { writeModel } from "../../lib/onnx/model_proto.ts";
import { bytesOf, type Field, readFields, stringsOf } from "./read_model.ts";

/** Whole numbers of one repeated field. */
function numbersOf(message: Uint8Array, field: number): number[] {
  return readFields(message).flatMap((entry: Field) =>
    entry.field === field && typeof entry.value === "bigint"
      ? [Number(BigInt.asIntN(64, entry.value))]
      : []
  );
}

const EMPTY = { nodes: [], initializers: [], inputs: [], outputs: [] };

function graphOf(model: Parameters<typeof writeModel>[0]): Uint8Array {
  return bytesOf(writeModel(model), 7)[0]!;
}

Deno.test("writeModel() names its versions and operator sets", () => {
  const domain = "com.microsoft";
  const node = { type: "QuickGelu", domain, inputs: ["x"], outputs: ["y"] };
  const model = writeModel({ ...EMPTY, nodes: [node, node] });
  assert.deepEqual(numbersOf(model, 1), [9]);
  const sets = bytesOf(model, 8);
  assert.deepEqual(sets.map((set) => stringsOf(set, 1)[0]), [
    "",
    "com.microsoft",
  ]);
  assert.deepEqual(sets.map((set) => numbersOf(set, 2)[0]), [20, 1]);
});

Deno.test("writeModel() writes an operator with attributes of each kind", () => {
  const [node] = bytesOf(
    graphOf({
      ...EMPTY,
      nodes: [{
        type: "Resize",
        domain: "com.microsoft",
        inputs: ["x", "", "sizes"],
        outputs: ["/text/resize", "rest"],
        attributes: {
          mode: "cubic",
          axis: -1,
          coefficient: { float: -0.5 },
          pads: [1, -2],
        },
      }],
    }),
    1,
  );
  assert.deepEqual(stringsOf(node!, 1), ["x", "", "sizes"]);
  assert.deepEqual(stringsOf(node!, 2), ["/text/resize", "rest"]);
  // Errors of onnxruntime speak of this name.
  assert.deepEqual(stringsOf(node!, 3), ["/text/resize"]);
  assert.deepEqual(stringsOf(node!, 4), ["Resize"]);
  assert.deepEqual(stringsOf(node!, 7), ["com.microsoft"]);
  const [mode, axis, coefficient, pads] = bytesOf(node!, 5);
  assert.deepEqual(stringsOf(mode!, 1), ["mode"]);
  assert.deepEqual(stringsOf(mode!, 4), ["cubic"]);
  assert.deepEqual(numbersOf(axis!, 3), [-1]);
  assert.deepEqual(numbersOf(pads!, 8), [1, -2]);
  const [float] = bytesOf(coefficient!, 2);
  assert.equal(float!.toHex(), "000000bf");
  const kinds = [mode, axis, coefficient, pads].flatMap((attribute) =>
    numbersOf(attribute!, 20)
  );
  assert.deepEqual(kinds, [3, 2, 1, 7]);
});

Deno.test("writeModel() writes tensors, or where they lie", () => {
  const inside = Uint8Array.of(1, 2);
  const outside = {
    location: "clip/model.safetensors",
    offset: 9,
    byteLength: 4,
  };
  const [stored, external] = bytesOf(
    graphOf({
      ...EMPTY,
      initializers: [
        { name: "a", shape: [2], type: "uint8", data: inside },
        { name: "b", shape: [2, 1], type: "bfloat16", data: outside },
      ],
    }),
    5,
  );
  assert.deepEqual(numbersOf(stored!, 1), [2]);
  assert.deepEqual(numbersOf(stored!, 2), [2]);
  assert.deepEqual(bytesOf(stored!, 9), [inside]);
  assert.deepEqual(numbersOf(external!, 1), [2, 1]);
  assert.deepEqual(numbersOf(external!, 2), [16]);
  assert.deepEqual(stringsOf(external!, 8), ["b"]);
  assert.deepEqual(numbersOf(external!, 14), [1]);
  const entries = bytesOf(external!, 13).map((entry) => [
    stringsOf(entry, 1)[0],
    stringsOf(entry, 2)[0],
  ]);
  assert.deepEqual(entries, [
    ["location", "clip/model.safetensors"],
    ["offset", "9"],
    ["length", "4"],
  ]);
});

Deno.test("writeModel() gives free dimensions names", () => {
  const [input] = bytesOf(
    graphOf({
      ...EMPTY,
      inputs: [{ name: "x", shape: [-1, -2, 3, "height"], type: "float32" }],
    }),
    11,
  );
  const [type] = bytesOf(input!, 2);
  const [tensor] = bytesOf(type!, 1);
  const [shape] = bytesOf(tensor!, 2);
  const dimensions = bytesOf(shape!, 1).map((dimension) =>
    stringsOf(dimension, 2)[0] ?? numbersOf(dimension, 1)[0]
  );
  assert.deepEqual(dimensions, ["B", "2B", 3, "height"]);
});
