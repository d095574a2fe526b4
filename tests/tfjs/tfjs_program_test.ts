import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { GraphBuilder } from "../../lib/graph/builder.ts";
import type { Graph } from "../../lib/graph/graph.ts";
import { evaluateGraph, lossAndGradients } from "./evaluate.ts";
import { TfjsProgram } from "../../lib/tfjs/tfjs_program.ts";
import type { FedTensors } from "../../lib/tfjs/tensors.ts";
import { BACKENDS, testOnBackends, useBackend } from "./backends.ts";

const FEEDS: FedTensors = {
  x: { shape: [2, 3], data: Float32Array.of(1, -2, 3, 0.5, 0, -1) },
};
const WEIGHT = Float32Array.of(1, 0, -1, 2, 0.5, -0.5, 1, 1, 1);

function parameter(): Float32Array {
  return WEIGHT;
}

/** Layers that widen what is computed inside a segment. */
function deepProgram(): Graph {
  const g = new GraphBuilder();
  const w = g.parameter("w", [3, 3]);
  const one = g.constant(Array(64).fill(1), [1, 64]);
  let x = g.input("x", [-1, 3], "float");
  for (let layer = 0; layer < 6; layer++) {
    const entering = x;
    x = g.segment(() => {
      const wide = g.matMul(g.reshape(entering, [-3, 1]), one); // [3B, 64]
      const bent = g.sigmoid(g.exp(g.negate(g.sigmoid(wide))));
      const mean = g.reshape(g.reduceMean(bent, [1]), [-1, 3]);
      return g.matMul(mean, w);
    });
  }
  const loss = g.reshape(g.reduceSum(g.multiply(x, x), [0, 1]), []);
  return g.build({ loss, end: x });
}

const REQUEST = { loss: "loss", wrt: ["w"] };

testOnBackends(
  "TfjsProgram holds as many tensors after each run",
  BACKENDS,
  async () => {
    const before = tf.memory().numTensors;
    for (const recompute of [false, true]) {
      using program = new TfjsProgram(deepProgram(), { parameter, recompute });
      const counts: number[] = [];
      for (let run = 0; run < 3; run++) {
        await program.evaluate(FEEDS);
        await program.lossAndGradients(FEEDS, REQUEST);
        const { numTensors, numDataBuffers } = tf.memory();
        counts.push(numTensors, numDataBuffers);
      }
      assert.deepEqual(counts.slice(2), counts.slice(0, -2));
    }
    assert.equal(tf.memory().numTensors, before);
  },
);

testOnBackends(
  "TfjsProgram leaves no tensor behind when it fails",
  BACKENDS,
  async () => {
    const before = tf.memory().numTensors;
    const g = new GraphBuilder();
    const x = g.input("x", [-1, 3], "float");
    const hidden = g.multiply(g.detach(g.parameter("w", [3, 3])), 2);
    const y = g.reduceSum(g.matMul(x, hidden), [0, 1]);
    const graph = g.build({ loss: g.reshape(y, []), hidden });
    const run = lossAndGradients(graph, {
      ...REQUEST,
      feeds: FEEDS,
      parameter,
    });
    await assert.rejects(run, {
      name: "TypeError",
      message: "Cannot differentiate loss by w as it must depend on it",
    });
    assert.equal(tf.memory().numTensors, before);
  },
);

Deno.test("lossAndGradients() keeps less when it recomputes", async () => {
  await useBackend("cpu");
  const peaks: number[] = [];
  const found: Float32Array[] = [];
  for (const recompute of [false, true]) {
    using program = new TfjsProgram(deepProgram(), { parameter, recompute });
    const { peakBytes } = await tf.profile(async () => {
      const { gradients } = await program.lossAndGradients(FEEDS, REQUEST);
      found.push(gradients.w!.data as Float32Array);
    });
    peaks.push(peakBytes);
  }
  assert.deepEqual(found[1], found[0]);
  assert(peaks[1]! < peaks[0]! / 3, `peaks are ${peaks}`);
});

Deno.test("evaluate() takes fed parameters and another batch size", async () => {
  await useBackend("cpu");
  const g = new GraphBuilder();
  const x = g.input("x", [-1, 3], "float");
  const y = g.matMul(x, g.parameter("w", [3, 3]));
  const ones = g.broadcastTo(g.constant([1], [1]), [-2]);
  using program = new TfjsProgram(g.build({ y, ones }), {
    parameter: () => assert.fail("w is fed"),
    feed: new Set(["w"]),
  });
  for (const batch of [1, 2]) {
    const data = Float32Array.from({ length: 3 * batch }, (_, i) => i);
    const { y, ones } = await program.evaluate({
      x: { shape: [batch, 3], data },
      w: { shape: [3, 3], data: Float32Array.of(2, 0, 0, 0, 2, 0, 0, 0, 2) },
    });
    assert.deepEqual(y, { shape: [batch, 3], data: data.map((v) => 2 * v) });
    assert.deepEqual(ones!.shape, [2 * batch]);
  }
});

Deno.test("evaluate() hands out arrays of their own", async () => {
  await useBackend("cpu");
  const g = new GraphBuilder();
  const x = g.input("x", [-1, 3], "float");
  const data = Float32Array.of(1, 2, 3);
  const { a, b } = await evaluateGraph(g.build({ a: x, b: x }), {
    feeds: { x: { shape: [1, 3], data } },
    parameter,
  });
  a!.data.fill(0);
  assert.deepEqual(b!.data, Float32Array.of(1, 2, 3));
  assert.deepEqual(data, Float32Array.of(1, 2, 3));
});

Deno.test("lossAndGradients() shares a cotangent among ties", async () => {
  await useBackend("cpu");
  const g = new GraphBuilder();
  const [a, b] = [g.parameter("a", [4]), g.parameter("b", [4])];
  const sum = g.add(
    g.reduceMax(a, [0]), // at two places
    g.reduceSum(g.maximum(a, b), [0]), // equal at one place
  );
  const graph = g.build({ loss: g.reshape(sum, []) });
  const numbers: Record<string, Float32Array> = {
    a: Float32Array.of(3, 1, 3, 2),
    b: Float32Array.of(0, 4, 0, 2),
  };
  const { gradients } = await lossAndGradients(graph, {
    feeds: {},
    loss: "loss",
    wrt: ["a", "b"],
    parameter: (name) => numbers[name]!,
  });
  assert.deepEqual(gradients.a!.data, Float32Array.of(1.5, 0, 1.5, 0.5));
  assert.deepEqual(gradients.b!.data, Float32Array.of(0, 1, 0, 0.5));
});

/** x W with a scalar loss. */
function linearProgram(): Graph {
  const g = new GraphBuilder();
  const x = g.input("x", [-1, 3], "float");
  const z = g.input("z", [-2, 1], "float");
  const y = g.matMul(x, g.parameter("w", [3, 3]));
  const loss = g.reduceSum(g.add(g.reduceSum(y, [0, 1]), z), [0, 1]);
  return g.build({ loss: g.reshape(loss, []), y });
}

const BAD_FEEDS: Readonly<Record<string, [FedTensors, RegExp]>> = {
  "is missing": [{ x: FEEDS.x! }, /z must be \[2B, 1\].*shape is missing$/],
  "has another rank": [
    { ...FEEDS, z: { shape: [4], data: new Float32Array(4) } },
    /z must be \[2B, 1\] with one batch size: current shape is \[4\]$/,
  ],
  "contradicts the batch size": [
    { ...FEEDS, z: { shape: [2, 1], data: new Float32Array(2) } },
    /z must be \[2B, 1\] with one batch size: current shape is \[2, 1\]$/,
  ],
  "is no whole batch": [
    { z: { shape: [3, 1], data: new Float32Array(3) }, x: FEEDS.x! },
    /must be .* with one batch size/,
  ],
};

for (const [what, [feeds, message]] of Object.entries(BAD_FEEDS)) {
  Deno.test(`evaluate() throws when a fed tensor ${what}`, async () => {
    await useBackend("cpu");
    await assert.rejects(evaluateGraph(linearProgram(), { feeds, parameter }), {
      name: "TypeError",
      message,
    });
  });
}

Deno.test("TfjsProgram throws when a parameter has another size", async () => {
  await useBackend("cpu");
  assert.throws(
    () =>
      new TfjsProgram(linearProgram(), { parameter: () => WEIGHT.slice(1) }),
    {
      name: "TypeError",
      message: "Cannot store w as it must be [3, 3]: current number of " +
        "elements is 8",
    },
  );
});

Deno.test("lossAndGradients() throws when its request does not fit", async () => {
  await useBackend("cpu");
  using program = new TfjsProgram(linearProgram(), { parameter });
  await assert.rejects(
    program.lossAndGradients(FEEDS, { loss: "y", wrt: ["w"] }),
    { message: /^Cannot differentiate y as it must be a scalar output/ },
  );
  await assert.rejects(
    program.lossAndGradients(FEEDS, { loss: "loss", wrt: ["v"] }),
    { message: /^Cannot differentiate by v as the graph has no such/ },
  );
});

Deno.test("evaluate() names the place when an operation fails", async () => {
  await useBackend("cpu");
  const g = new GraphBuilder();
  const table = g.input("table", [2, 2], "float");
  const found = g.scope(
    "embed",
    () => g.gather(table, g.input("rows", [1], "int")),
  );
  await assert.rejects(
    evaluateGraph(g.build({ found }), {
      feeds: {
        table: { shape: [2, 2], data: new Float32Array(4) },
        rows: { shape: [1], data: BigInt64Array.of(5n) },
      },
      parameter,
    }),
    { message: /\(at \/embed\/gather\)$/ },
  );
});
