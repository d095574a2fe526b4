import assert from "node:assert/strict";
import {
  encodeFloats,
  type FloatDtype,
} from "../../lib/checkpoint/float_types.ts";
import { openSafetensors } from "../../lib/checkpoint/safetensors.ts";
import type { WeightEntry } from "../../lib/checkpoint/weights.ts";
import { GraphBuilder } from "../../lib/graph/builder.ts";
import type { Precision } from "../../lib/onnx/emitter.ts";
import { safetensors, temporaryFolder } from "../checkpoint/temporary.ts";
import { assertNumbers, numbers } from "../contract/numbers.ts";
import { operatorTypes } from "./read_model.ts";
import { encode, runGraph } from "./run_graph.ts";

const SHAPE = [2, 3];
const VALUES = [1, -2.5, 0.125, 3, -0.5, 96];
const TRANSPOSED = [1, 3, -2.5, -0.5, 0.125, 96];

/** A file whose tensors begin at odd bytes: one byte lies before them. */
function unaligned(): Uint8Array {
  const dtypes: FloatDtype[] = ["F32", "F16", "BF16"];
  const parts = dtypes.map((dtype) =>
    encodeFloats(Float32Array.from(VALUES), dtype)
  );
  let end = 1;
  const entries = dtypes.map((dtype, i) => {
    const begin = end;
    end += parts[i]!.length;
    return [dtype, { dtype, shape: SHAPE, data_offsets: [begin, end] }];
  });
  const header = {
    first: { dtype: "U8", shape: [1], data_offsets: [0, 1] },
    ...Object.fromEntries(entries),
  };
  // Spaces, so that the data begin at an even byte and tensors at an odd one.
  const json = JSON.stringify(header);
  const padded = json.padEnd(Math.ceil(json.length / 2) * 2);
  const file = safetensors(padded, end);
  let at = file.length - end + 1;
  for (const part of parts) {
    file.set(part, at);
    at += part.length;
  }
  return file;
}

async function entriesOf(path: string): Promise<[FloatDtype, WeightEntry][]> {
  const { tensors } = await openSafetensors(path);
  return (["F32", "F16", "BF16"] as const).map((dtype) => [
    dtype,
    tensors.get(dtype)!,
  ]);
}

function product(shape: readonly number[]) {
  const g = new GraphBuilder();
  const x = g.input("x", [1, shape[0]!], "float");
  return g.build({ y: g.matMul(x, g.parameter("weight", shape)) });
}

/** Reads a tensor at every precision, transposed or not. */
async function assertRead(
  [dtype, entry]: [FloatDtype, WeightEntry],
  files: ReadonlyMap<string, Uint8Array<ArrayBuffer>> = new Map(),
): Promise<void> {
  for (const precision of ["f16", "f32", "f64"] satisfies Precision[]) {
    for (const transposed of [false, true]) {
      const shape = transposed ? SHAPE.toReversed() : SHAPE;
      const g = new GraphBuilder();
      const graph = g.build({ y: g.parameter("weight", shape) });
      const weights = new Map([["weight", { ...entry, transposed }]]);
      const { y } = await runGraph(graph, { weights, files, precision });
      assertNumbers(
        y,
        numbers(shape, transposed ? TRANSPOSED : VALUES),
        { tolerance: 0, label: `${dtype} at ${precision}, ${transposed}` },
      );
    }
  }
}

Deno.test("encodeOnnx() reads F32, F16 and BF16 at odd offsets, transposed or not", async () => {
  await using folder = await temporaryFolder();
  const path = await folder.write("model.safetensors", unaligned());
  for (const tensor of await entriesOf(path)) {
    assert.equal(tensor[1].offset % 2, 1);
    await assertRead(tensor);
  }
});

Deno.test("encodeOnnx() writes the parameters of given files into the model", async () => {
  await using folder = await temporaryFolder();
  const path = await folder.write("model.safetensors", unaligned());
  const files = new Map([[path, await Deno.readFile(path)]]);
  const entries = await entriesOf(path);
  await Deno.remove(path); // Nothing is read from it.
  for (const tensor of entries) await assertRead(tensor, files);
});

Deno.test("encodeOnnx() casts no float16 parameter of a given file at f32", async () => {
  await using folder = await temporaryFolder();
  const path = await folder.write("model.safetensors", unaligned());
  const files = new Map([[path, await Deno.readFile(path)]]);
  const [, [, entry] = []] = await entriesOf(path);
  const weights = new Map([["weight", entry!]]);
  const types = (options: Parameters<typeof encode>[1]) =>
    operatorTypes(encode(product(SHAPE), { weights, ...options }));
  assert(types({}).includes("Cast"));
  assert(!types({ files }).includes("Cast"));
});

Deno.test("encodeOnnx() multiplies by stored weights of every type", async () => {
  await using folder = await temporaryFolder();
  const path = await folder.write("model.safetensors", unaligned());
  const feeds = { x: numbers([1, 2], [2, -1]) };
  const expected = numbers([1, 3], [-1, -4.5, -95.75]);
  for (const [label, entry] of await entriesOf(path)) {
    const weights = new Map([["weight", entry]]);
    const { y } = await runGraph(product(SHAPE), { feeds, weights });
    assertNumbers(y, expected, { tolerance: 1e-6, label });
    const turned = new Map([["weight", { ...entry, transposed: true }]]);
    const right = { x: numbers([1, 3], [2, -1, 8]) };
    const { y: z } = await runGraph(product([3, 2]), {
      feeds: right,
      weights: turned,
    });
    assertNumbers(z, numbers([1, 2], [5.5, 774.5]), { tolerance: 1e-6, label });
  }
});

Deno.test("encodeOnnx() keeps weights out of the model", async () => {
  await using folder = await temporaryFolder();
  const data = new Float32Array(1 << 16);
  const header = {
    weight: {
      dtype: "F32",
      shape: [256, 256],
      data_offsets: [0, data.byteLength],
    },
  };
  const file = safetensors(header, data.byteLength);
  const path = await folder.write("model.safetensors", file);
  const { tensors: weights } = await openSafetensors(path);
  const bytes = encode(product([256, 256]), { weights });
  assert(bytes.length < 1000, `${bytes.length} bytes`);
});

Deno.test("encodeOnnx() refuses a weight that is not F32, F16 or BF16", async () => {
  await using folder = await temporaryFolder();
  const header = { ids: { dtype: "I64", shape: [1], data_offsets: [0, 8] } };
  const path = await folder.write("m.safetensors", safetensors(header, 8));
  const { tensors: weights } = await openSafetensors(path);
  const g = new GraphBuilder();
  const graph = g.build({ y: g.parameter("ids", [1]) });
  assert.throws(() => encode(graph, { weights }), {
    name: "TypeError",
    message:
      "Cannot encode ids as its type must be F32, F16 or BF16: current " +
      "type is I64",
  });
});
