import assert from "node:assert/strict";
import * as ort from "onnxruntime-node";
import { GraphBuilder } from "../../lib/graph/builder.ts";
import type { Value } from "../../lib/graph/graph.ts";
import { BATCH } from "../../lib/graph/shape.ts";
import { encodeOnnx } from "../../lib/onnx/encode.ts";
import {
  afterAll,
  afterRound,
  beforeRound,
  encodeRounds,
  GOES_ON,
} from "../../lib/onnx/encode_rounds.ts";

/** Halves x until all of it is below a limit, and gives its square root. */
function halving(most: number) {
  const [begin, round, end] = [1, 2, 3].map(() => new GraphBuilder()) as [
    GraphBuilder,
    GraphBuilder,
    GraphBuilder,
  ];
  const read = (g: GraphBuilder, name: string) =>
    g.input(name, [BATCH, 2], "wide");
  const [state, limit] = begin.scope("begin", () => {
    const fed = read(begin, "fed");
    return [begin.multiply(fed, 1), begin.add(begin.multiply(fed, 0), 1)];
  }) as [Value, Value];
  const next = round.scope(
    "round",
    () => round.multiply(read(round, beforeRound("x")), 0.5),
  );
  const above = round.scope("round", () => {
    const largest = round.reduceMax(next, [0, 1]);
    const allowed = round.reduceMax(read(round, "limit"), [0, 1]);
    const isBelow = round.equal(round.minimum(largest, allowed), largest);
    return round.equal(round.reshape(round.cast(isBelow, "wide"), []), 0);
  });
  const root = end.scope("end", () => end.sqrt(read(end, afterAll("x"))));
  return {
    begin: begin.build({ x: state, limit }),
    round: round.build({ [GOES_ON]: above, [afterRound("x")]: next }),
    end: end.build({ root }),
    state: ["x"],
    most,
  };
}

async function rootOf(values: readonly number[], most: number) {
  const g = new GraphBuilder();
  const x = g.input("image", [BATCH, 2], "float");
  const bytes = encodeOnnx(g.build({ copy: g.add(x, 0) }), {
    precision: "f32",
    locate: (file) => file,
    weight: () => assert.fail("there are no weights"),
    finish: (emit) =>
      encodeRounds(
        emit,
        halving(most),
        new Map([["fed", "copy"]]),
      ),
  });
  const session = await ort.InferenceSession.create(bytes);
  const shape = [values.length / 2, 2];
  const image = new ort.Tensor("float32", Float32Array.from(values), shape);
  const { root, ...others } = await session.run({ image });
  assert.deepEqual(Object.keys(others), []);
  return [root!.type, ...root!.data as Float32Array];
}

Deno.test("encodeRounds() repeats a round until it is over, for all images of a batch", async () => {
  assert.deepEqual(await rootOf([4, 1], 100), ["float32", 1, 0.5]);
  assert.deepEqual(await rootOf([4, 1, 16, 64], 100), [
    "float32",
    0.25,
    0.125,
    0.5,
    1,
  ]);
});

Deno.test("encodeRounds() stops after the most rounds", async () => {
  assert.deepEqual(await rootOf([64, 16], 2), ["float32", 4, 2]);
});
