import assert from "node:assert/strict";
import { openSafetensors } from "../../lib/checkpoint/safetensors.ts";
import { writeSafetensors } from "../../lib/checkpoint/write_safetensors.ts";
import { GraphBuilder } from "../../lib/graph/builder.ts";
import { encodeOnnx } from "../../lib/onnx/encode.ts";
import type { Initializer, OperatorNode } from "../../lib/onnx/model_proto.ts";
import { besideSharers, withoutUnread } from "../../lib/onnx/order_nodes.ts";
import { OnnxSession } from "../../lib/onnx/session.ts";
import { float32 } from "../../lib/onnx/tensor.ts";

function stored(name: string): Initializer {
  const data = { location: "file", offset: 0, byteLength: 4 };
  return { name, shape: [1], type: "float32", data };
}

function node(type: string, ...inputs: string[]): OperatorNode {
  return { type, inputs, outputs: [type] };
}

Deno.test("besideSharers() puts readers of one stored tensor together", () => {
  const inside: Initializer = {
    ...stored("c"),
    data: new Uint8Array(4),
  };
  const nodes = [
    node("first a", "x", "a"),
    node("first c", "x", "c"),
    node("first b", "x", "b"),
    node("second a", "x", "a"),
    node("second c", "x", "c"),
    node("second b", "x", "b"),
  ];
  const ordered = besideSharers(nodes, [stored("a"), stored("b"), inside]);
  assert.deepEqual(ordered.map(({ type }) => type), [
    "first a",
    "second a",
    "first c",
    "first b",
    "second b",
    "second c",
  ]);
});

Deno.test("withoutUnread() leaves out what nobody reads", () => {
  const loop = node("loop", "first");
  const body = {
    nodes: [node("inner", "read inside")],
    initializers: [],
    inputs: [],
    outputs: [],
  };
  const nodes = [
    node("first", "x"),
    node("read inside", "x"),
    node("unread", "first"),
    node("read by the unread", "x"),
    node("also unread", "read by the unread"),
    { ...loop, attributes: { body: { graph: body } } },
  ];
  const initializers = ["x", "y", "unread"].map(stored);
  const parts = { nodes: [...nodes, node("last", "y")], initializers };
  const left = withoutUnread(parts, ["loop"]);
  assert.deepEqual(left.nodes.map(({ type }) => type), [
    "first",
    "read inside",
    "loop",
  ]);
  assert.deepEqual(left.initializers.map(({ name }) => name), ["x"]);
});

Deno.test("OnnxSession runs operators that stand before what they read", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/weights.safetensors`;
    const data = Float32Array.of(2, 1, 0, 3);
    await writeSafetensors(path, {
      w: { dtype: "F32", shape: [2, 2], data },
    });
    const { tensors } = await openSafetensors(path);
    const g = new GraphBuilder();
    const w = g.parameter("w", [2, 2]);
    const once = g.matMul(g.input("x", [1, 2], "float"), w);
    const twice = g.matMul(g.exp(once), w);
    const bytes = encodeOnnx(g.build({ y: twice }), {
      precision: "f32",
      weight: (name) => tensors.get(name)!,
      locate: () => "weights.safetensors",
      sharersTogether: true,
    });
    const options = { weightsFolder: folder, prepack: true, threads: 1 };
    await using session = await OnnxSession.create(bytes, options);
    const x = Float32Array.of(0, 1);
    const { outputs } = await session.run({
      x: { type: "float32", shape: [1, 2], data: x },
    });
    const [a, b] = [Math.exp(0), Math.exp(3)];
    const found = float32(outputs, "y");
    [2 * a, a + 3 * b].forEach((expected, i) =>
      assert(Math.abs(found[i]! / expected - 1) < 1e-5)
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
