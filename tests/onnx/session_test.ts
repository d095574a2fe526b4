import assert from "node:assert/strict";
import { listSupportedBackends } from "onnxruntime-node";
import { openSafetensors } from "../../lib/checkpoint/safetensors.ts";
import { writeSafetensors } from "../../lib/checkpoint/write_safetensors.ts";
import { GraphBuilder } from "../../lib/graph/builder.ts";
import type { Value } from "../../lib/graph/graph.ts";
import { BATCH } from "../../lib/graph/shape.ts";
import { OnnxSession, SessionError } from "../../lib/onnx/session.ts";
import { float32, type Tensor } from "../../lib/onnx/tensor.ts";
import { temporaryFolder } from "../checkpoint/temporary.ts";
import { encode } from "./run_graph.ts";

type Program = Parameters<typeof encode>[1];

/** A session for a program without weights, on one thread. */
function open(
  build: (g: GraphBuilder) => Record<string, Value>,
  options: Program = {},
): Promise<OnnxSession> {
  const g = new GraphBuilder();
  const model = encode(g.build(build(g)), options);
  return OnnxSession.create(model, { weightsFolder: "", threads: 1 });
}

function floats(...data: number[]): Tensor {
  const { length } = data;
  return { type: "float32", shape: [length], data: Float32Array.from(data) };
}

function ints(...data: number[]): Tensor {
  const { length } = data;
  return {
    type: "int64",
    shape: [length],
    data: BigInt64Array.from(data, BigInt),
  };
}

/** Rows of a table of two; an index beyond them fails while it runs. */
function lookup(g: GraphBuilder): Record<string, Value> {
  const table = g.constant([1, 2], [2, 1]);
  const at = g.input("at", [BATCH], "int");
  return { y: g.scope("text", () => g.gather(table, at)) };
}

/** A hundred milliseconds of work and one number. */
function heavy(g: GraphBuilder): Record<string, Value> {
  const side = 1024;
  const x = g.input("x", [1], "float");
  let y = g.broadcastTo(g.reshape(x, [1, 1]), [side, side]);
  for (let i = 0; i < 5; i++) y = g.multiply(g.matMul(y, y), 1 / side);
  return { y: g.reduceMax(y, [0, 1]) };
}

Deno.test("OnnxSession.run() answers in every type, each run with its own", async () => {
  await using session = await open((g) => {
    const x = g.input("x", [BATCH], "float");
    const rounded = g.cast(x, "int");
    return { float: g.exp(x), int: rounded, byte: g.cast(rounded, "uint8") };
  });
  const runs = [[0], [1, 2], [3, 4, 5]].map((data) =>
    session.run({ x: floats(...data) })
  );
  const [first, , third] = await Promise.all(runs);
  assert.deepEqual(first!.outputs.float, floats(1));
  assert.deepEqual(first!.outputs.byte, {
    type: "uint8",
    shape: [1],
    data: Uint8Array.of(0),
  });
  assert.deepEqual(third!.outputs.int, ints(3, 4, 5));
  assert.equal(float32(third!.outputs, "float").length, 3);
  assert(third!.milliseconds > 0);
});

Deno.test("OnnxSession.run() answers in float64 at f64", async () => {
  const build = (g: GraphBuilder) => ({
    y: g.divide(1, g.input("x", [1], "float")),
  });
  await using session = await open(build, { precision: "f64" });
  const data = Float64Array.of(3);
  const { outputs } = await session.run({
    x: { type: "float64", shape: [1], data },
  });
  assert.deepEqual(outputs.y, {
    type: "float64",
    shape: [1],
    data: Float64Array.of(1 / 3),
  });
  assert.throws(() => float32(outputs, "y"), {
    name: "TypeError",
    message: "Cannot read y as it must be a float32 tensor: current type is " +
      "float64",
  });
});

Deno.test("OnnxSession.run() names the node that fails, and runs again", async () => {
  await using session = await open(lookup);
  await assert.rejects(session.run({ at: ints(0, 7) }), (error) => {
    assert(error instanceof SessionError);
    assert.match(
      error.message,
      /^Cannot run the model at \/text\/gather as onnxruntime answers: /,
    );
    assert(!/\s\s|\n/.test(error.message), "one line");
    return true;
  });
  const { outputs } = await session.run({ at: ints(1) });
  assert.deepEqual([...float32(outputs, "y")], [2]);
});

Deno.test("OnnxSession.run() refuses tensors that do not fit, and runs again", async () => {
  await using session = await open(lookup);
  const unfit = [
    [{}, /at/],
    [{ at: floats(1) }, /int64/],
    [{ at: { ...ints(1), shape: [1, 1] } as Tensor }, /rank|dimensions/],
  ] as const;
  for (const [feeds, reason] of unfit) {
    await assert.rejects(session.run(feeds), (error) => {
      assert(error instanceof SessionError);
      assert.match(error.message, /^Cannot run the model/);
      assert.match(error.message, reason);
      return true;
    });
  }
  const { outputs } = await session.run({ at: ints(0) });
  assert.deepEqual([...float32(outputs, "y")], [1]);
});

Deno.test("OnnxSession.create() refuses what is no model", async () => {
  const model = new TextEncoder().encode("no model");
  await assert.rejects(OnnxSession.create(model, { weightsFolder: "" }), {
    name: "SessionError",
    message: /^Cannot run the model as onnxruntime answers: /,
  });
});

Deno.test("OnnxSession.create() refuses a provider that is not there", async () => {
  // Where onnxruntime was installed with CUDA, a made-up name must do.
  const hasCuda = listSupportedBackends().some(({ name, bundled }) =>
    name === "cuda" && bundled
  );
  const provider = hasCuda ? "abacus" as "cuda" : "cuda";
  const g = new GraphBuilder();
  const model = encode(g.build(lookup(g)));
  await assert.rejects(
    OnnxSession.create(model, { weightsFolder: "", provider }),
    (error) => {
      assert(error instanceof SessionError);
      assert.match(error.message, new RegExp(provider, "i"));
      return true;
    },
  );
});

Deno.test("OnnxSession reads weights from their folder and leaves it as it was", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/m.safetensors`;
  const weight = {
    dtype: "F32",
    shape: [2],
    data: Float32Array.of(3, 4),
  } as const;
  await writeSafetensors(path, { weight });
  await Deno.chmod(path, 0o444);
  await Deno.chmod(folder.path, 0o555);
  const before = await Deno.stat(folder.path);
  const { tensors: weights } = await openSafetensors(path);
  const g = new GraphBuilder();
  const y = g.add(g.parameter("weight", [2]), g.input("x", [2], "float"));
  const model = encode(g.build({ y }), { weights });
  const options = { weightsFolder: folder.path, threads: 1 };
  {
    await using session = await OnnxSession.create(model, options);
    const { outputs } = await session.run({ x: floats(1, 1) });
    assert.deepEqual(outputs.y, floats(4, 5));
  }
  const names = Array.from(Deno.readDirSync(folder.path), ({ name }) => name);
  assert.deepEqual(names, ["m.safetensors"]);
  assert.deepEqual((await Deno.stat(folder.path)).mtime, before.mtime);
  await Deno.chmod(folder.path, 0o755);
  await Deno.remove(path);
  await assert.rejects(OnnxSession.create(model, options), {
    name: "SessionError",
    message: /m\.safetensors/,
  });
});

Deno.test("OnnxSession.run() leaves the event loop free", async () => {
  await using session = await open(heavy);
  let isDone = false;
  const run = session.run({ x: floats(1) }).finally(() => isDone = true);
  let ticks = 0;
  while (!isDone) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    ticks++;
  }
  const { outputs, milliseconds } = await run;
  assert.deepEqual([...float32(outputs, "y")], [1]);
  // Were the loop blocked, the timer would have fired once, after the run.
  assert(ticks > 2, `${ticks} ticks in ${milliseconds} ms`);
});

Deno.test("OnnxSession.close() rejects runs that were not answered, and later ones", async () => {
  const session = await open(heavy);
  const pending = [1, 2].map((x) => session.run({ x: floats(x) }));
  await session.close();
  const closed = {
    name: "SessionError",
    message: "Cannot run the model as the session was closed",
  };
  for (const run of pending) await assert.rejects(run, closed);
  await assert.rejects(session.run({ x: floats(1) }), closed);
  await session.close();
});

Deno.test("OnnxSession.close() has the worker free its models before it ends", async () => {
  const { Worker: Original } = globalThis;
  const told: string[] = [];
  globalThis.Worker = class extends Original {
    override postMessage(message: object): void {
      told.push(...Object.keys(message).filter((key) => key !== "id"));
      super.postMessage(message);
    }
    override terminate(): void {
      told.push("terminate");
      super.terminate();
    }
  };
  try {
    const session = await open(heavy);
    await session.close();
    assert.deepEqual(told, ["create", "release", "terminate"]);
  } finally {
    globalThis.Worker = Original;
  }
});

/** Bytes of a program without weights. */
function bytesOf(
  build: (g: GraphBuilder) => Record<string, Value>,
): Uint8Array<ArrayBuffer> {
  const g = new GraphBuilder();
  return encode(g.build(build(g)));
}

Deno.test("OnnxSession.run() lets attached models take over single images of a batch", async () => {
  await using session = await open((g) => {
    const x = g.input("x", [BATCH, 2], "float");
    return { y: g.multiply(x, 10), w: g.negate(x), z: g.add(x, 100) };
  });
  const follower = (factor: number) =>
    bytesOf((g) => {
      const y = g.input("y", [1, 2], "float");
      const w = g.input("w", [1, 2], "float");
      return { z: g.multiply(g.add(y, w), factor) };
    });
  await session.attach("once", follower(1));
  await session.attach("twice", follower(2));
  const data = Float32Array.of(1, 2, 3, 4, 5, 6);
  const feeds = { x: { type: "float32", shape: [3, 2], data } } as const;
  const { outputs } = await session.run(feeds, {
    followers: ["twice", undefined, "once"],
    outputs: ["z"],
  });
  assert.deepEqual(Object.keys(outputs), ["z"]);
  assert.deepEqual([...float32(outputs, "z")], [18, 36, 103, 104, 45, 54]);
  await session.attach("once", follower(0));
  const again = await session.run(feeds, { followers: ["once"] });
  const z = [...float32(again.outputs, "z")];
  assert.deepEqual(z, [0, 0, 103, 104, 105, 106]);
  assert.deepEqual([...float32(again.outputs, "y")], [10, 20, 30, 40, 50, 60]);
});

Deno.test("OnnxSession.run() runs an attached model by its name, until it is detached", async () => {
  await using session = await open(lookup);
  await session.attach(
    "double",
    bytesOf((g) => {
      const x = g.input("x", [BATCH], "float");
      return { y: g.multiply(x, 2) };
    }),
  );
  const { outputs } = await session.run({ x: floats(4) }, { model: "double" });
  assert.deepEqual([...float32(outputs, "y")], [8]);
  await session.detach("double");
  await assert.rejects(
    session.run({ x: floats(4) }, { model: "double" }),
    /Cannot run double as it must be attached first/,
  );
  const main = await session.run({ at: ints(1) });
  assert.deepEqual([...float32(main.outputs, "y")], [2]);
});
