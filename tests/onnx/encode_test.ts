import assert from "node:assert/strict";
import { GraphBuilder } from "../../lib/graph/builder.ts";
import { linear, softmax } from "../../lib/graph/nn.ts";
import { BATCH } from "../../lib/graph/shape.ts";
import { tensorBytes } from "../../lib/onnx/emitter.ts";
import { encodeOnnx } from "../../lib/onnx/encode.ts";
import { OnnxSession } from "../../lib/onnx/session.ts";
import { assertNumbers, numbers } from "../contract/numbers.ts";
import { bytesOf, operators, operatorTypes, stringsOf } from "./read_model.ts";
import { encode, runGraph } from "./run_graph.ts";

const OPTIONS = {
  precision: "f32",
  weight: () => {
    throw new TypeError("no weights here");
  },
  locate: (file: string) => file,
} as const;

Deno.test("encodeOnnx() is the same bytes for the same program", () => {
  const make = () => {
    const g = new GraphBuilder();
    const x = g.input("x", [BATCH, 4], "float");
    return encode(g.build({ y: softmax(g, g.add(x, 1)) }));
  };
  assert.deepEqual(make(), make());
});

Deno.test("encodeOnnx() names operators after the values they compute", () => {
  const g = new GraphBuilder();
  const x = g.input("x", [BATCH, 4], "float");
  const y = g.scope("text", () => g.scope("layer.0", () => g.exp(x)));
  const [exp, identity] = operators(encode(g.build({ y })));
  assert.deepEqual(stringsOf(exp!, 3), ["/text/layer.0/exp"]);
  assert.deepEqual(stringsOf(identity!, 3), ["y"]);
});

Deno.test("encodeOnnx() gives inputs and outputs their own names", () => {
  const g = new GraphBuilder();
  const b = g.input("b", [2], "int");
  const a = g.input("a", [BATCH], "float");
  const graph = g.build({ first: g.exp(a), same: a, second: b });
  const [proto] = bytesOf(encode(graph), 7);
  const names = (field: number) =>
    bytesOf(proto!, field).flatMap((info) => stringsOf(info, 1));
  assert.deepEqual(names(11), ["b", "a"]);
  assert.deepEqual(names(12), ["first", "same", "second"]);
});

Deno.test("encodeOnnx() writes down a batch size that is known", async () => {
  const g = new GraphBuilder();
  const x = g.input("x", [BATCH, 1], "float");
  const wide = g.reshape(g.broadcastTo(x, [BATCH, 6]), [-3, 2]);
  const graph = g.build({ y: g.exp(wide) });
  const free = operatorTypes(encodeOnnx(graph, OPTIONS));
  const known = encodeOnnx(graph, { ...OPTIONS, batch: 2 });
  assert(free.includes("Shape"));
  assert.deepEqual(operatorTypes(known), [
    "Expand",
    "Reshape",
    "Exp",
    "Identity",
  ]);
  await using session = await OnnxSession.create(known, { weightsFolder: "." });
  const feed = (batch: number) =>
    session.run({
      x: {
        type: "float32",
        shape: [batch, 1],
        data: new Float32Array(batch),
      },
    });
  assert.deepEqual((await feed(2)).outputs.y!.shape, [6, 2]);
  await assert.rejects(feed(3), { name: "SessionError" });
});

Deno.test("encodeOnnx() multiplies by a transposed matrix without transposing it", () => {
  const g = new GraphBuilder();
  const x = g.input("x", [BATCH, 2, 3], "float");
  const w = g.input("w", [4, 3], "float");
  const b = g.input("b", [4], "float");
  const graph = g.build({ y: linear(g, x, { weight: w, bias: b }) });
  assert.deepEqual(operatorTypes(encode(graph)), [
    "Reshape",
    "Gemm",
    "Reshape",
    "Identity",
  ]);
});

Deno.test("encodeOnnx() writes constants as onnxruntime reads them", async () => {
  const g = new GraphBuilder();
  const graph = g.build({
    big: g.constant([-(2 ** 40), 2 ** 40], [2], "int"),
    float: g.constant([1e-30, -0.1], [2], "wide"),
  });
  const { big, float } = await runGraph(graph);
  assert.deepEqual(big!.data, [-(2 ** 40), 2 ** 40]);
  assert.deepEqual(float!.data, [1e-30, -0.1].map(Math.fround));
});

Deno.test("encodeOnnx() at f16 keeps wide values in float32", async () => {
  const g = new GraphBuilder();
  const x = g.input("x", [2], "wide");
  const narrow = g.cast(g.multiply(g.cast(x, "float"), 1), "wide");
  const graph = g.build({ narrow, wide: g.multiply(x, 1) });
  const feeds = { x: numbers([2], [1.0001, 70000]) };
  const options = { feeds, precision: "f16" } as const;
  const { narrow: rounded, wide } = await runGraph(graph, options);
  assertNumbers(wide, feeds.x, { tolerance: 1e-7 });
  assert.deepEqual(rounded!.data, [1, Infinity]);
});

Deno.test("encodeOnnx() takes the batch from whichever input has it", async () => {
  const g = new GraphBuilder();
  const fixed = g.input("fixed", [1, 2], "float");
  g.input("unused", [BATCH, 9], "float");
  const ids = g.input("ids", [BATCH, 1], "int");
  const many = g.broadcastTo(fixed, [BATCH, 2]);
  const graph = g.build({ y: g.add(many, g.cast(ids, "float")) });
  for (const batch of [1, 3]) {
    const feeds = {
      fixed: numbers([1, 2], [1, 2]),
      ids: numbers([batch, 1], Array(batch).fill(10)),
    };
    const { y } = await runGraph(graph, { feeds });
    const rows = Array(batch).fill([11, 12]).flat();
    assertNumbers(y, numbers([batch, 2], rows), { tolerance: 0 });
  }
});

Deno.test("encodeOnnx() needs an input that shows the batch", () => {
  const g = new GraphBuilder();
  const x = g.input("x", [1, 2], "float");
  const graph = g.build({ y: g.broadcastTo(x, [BATCH, 2]) });
  assert.throws(() => encode(graph), {
    name: "TypeError",
    message: "Cannot compute the batch size as an input must have a free " +
      "first dimension",
  });
});

Deno.test("encodeOnnx() lets a prelude compute the inputs", () => {
  const g = new GraphBuilder();
  const x = g.input("x", [1, 2], "float");
  const bytes = encodeOnnx(g.build({ y: g.exp(x) }), {
    ...OPTIONS,
    prelude: (emit) => {
      emit.node("Neg", ["raw"], { output: "x" });
      return [{ name: "raw", shape: [1, "any"], type: "float32" }];
    },
  });
  const [proto] = bytesOf(bytes, 7);
  const fed = bytesOf(proto!, 11).flatMap((info) => stringsOf(info, 1));
  assert.deepEqual(fed, ["raw"]);
  assert.deepEqual(operatorTypes(bytes), ["Neg", "Exp", "Identity"]);
});

Deno.test("encodeOnnx() feeds the parameters it is told to", () => {
  const g = new GraphBuilder();
  const x = g.input("x", [BATCH, 2], "float");
  const y = g.add(x, g.parameter("bias", [2]));
  const bytes = encodeOnnx(g.build({ y }), {
    ...OPTIONS,
    feed: new Set(["bias"]),
  });
  const [proto] = bytesOf(bytes, 7);
  const fed = bytesOf(proto!, 11).flatMap((info) => stringsOf(info, 1));
  assert.deepEqual(fed, ["x", "bias"]);
  assert.deepEqual(bytesOf(proto!, 5), []);
});

Deno.test("tensorBytes() writes little-endian numbers of each type", () => {
  const hex = (type: Parameters<typeof tensorBytes>[1], ...data: number[]) =>
    tensorBytes(Float64Array.from(data), type).toHex();
  assert.equal(hex("float32", 1.5), "0000c03f");
  assert.equal(hex("float64", 1.5), "000000000000f83f");
  assert.equal(hex("float16", 1.5, -2), "003e00c0");
  assert.equal(hex("int64", -2), "feffffffffffffff");
  assert.equal(hex("uint8", 255, 1), "ff01");
  assert.equal(hex("bool", 1, 0), "0100");
});
