import assert from "node:assert/strict";
import { initialiseHead } from "../../../lib/methods/mfp_clip/initialise_head.ts";
import { DEFAULT_CONFIG } from "../../../lib/methods/mfp_clip/config.ts";
import { headShapes } from "../../../lib/methods/mfp_clip/head_shapes.ts";

const SIZES = {
  contextLength: 20,
  cnnWidth: 128,
  visionWidth: 64,
  textWidth: 48,
  jointWidth: 96,
};

function deviation(values: Float32Array): number {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const square = values.reduce((sum, v) => sum + (v - mean) ** 2, 0);
  return Math.sqrt(square / values.length);
}

Deno.test("initialiseHead() starts linear layers as PyTorch does", async () => {
  const golden = JSON.parse(
    await Deno.readTextFile(
      `${import.meta.dirname}/../../golden/training/linear.json`,
    ),
  );
  const [fanOut, fanIn] = golden.shape;
  const shapes = new Map([
    ["adapters.0.fc1.weight", [fanOut, fanIn]],
    ["adapters.0.fc1.bias", [fanOut]],
  ]);
  const head = initialiseHead(shapes, 3);
  for (const kind of ["weight", "bias"] as const) {
    const values = head.get(`adapters.0.fc1.${kind}`)!.map((v) =>
      v * Math.sqrt(fanIn)
    );
    const { max, min, std } = golden[kind];
    assert(Math.abs(values.reduce((a, b) => Math.max(a, b)) - max) < 0.03);
    assert(Math.abs(values.reduce((a, b) => Math.min(a, b)) - min) < 0.03);
    assert(Math.abs(deviation(values) - std) < 0.04);
  }
});

Deno.test("initialiseHead() starts mixing and fusion as the identity", () => {
  for (const i2tpFusion of ["feature", "token"] as const) {
    const shapes = headShapes({ ...DEFAULT_CONFIG, i2tpFusion }, SIZES);
    const head = initialiseHead(shapes, 0);
    for (const layer of ["i2tp.mixing", "mp.fusion"]) {
      const [rows = 0, columns = 0] = shapes.get(`${layer}.weight`)!;
      assert(rows < columns);
      const weight = head.get(`${layer}.weight`)!;
      weight.forEach((value, i) => {
        const diagonal = i % columns === Math.floor(i / columns);
        assert.equal(value, diagonal ? 1 : 0);
      });
      assert(head.get(`${layer}.bias`)!.every((value) => value === 0));
    }
    assert.deepEqual([...head.keys()], [...shapes.keys()]);
  }
});

Deno.test("initialiseHead() draws small normal prompt tokens", () => {
  const shapes = new Map([["sp.prompt_tokens", [50, 200]]]);
  const tokens = initialiseHead(shapes, 0).get("sp.prompt_tokens")!;
  assert(Math.abs(deviation(tokens) - 0.02) < 4e-4);
  const beyond = tokens.filter((value) => Math.abs(value) > 0.04).length;
  assert(Math.abs(beyond / tokens.length - 0.0455) < 0.008);
});

Deno.test("initialiseHead() depends on seed and name alone", () => {
  const shapes = headShapes(DEFAULT_CONFIG, SIZES);
  const name = "adapters.1.fc2.weight";
  const few = new Map([[name, shapes.get(name)!]]);
  const of = (seed: number, from = shapes) =>
    initialiseHead(from, seed).get(name);
  assert.deepEqual(of(7), of(7, few));
  assert.notDeepEqual(of(7), of(8));
  const other = initialiseHead(shapes, 7).get("adapters.2.fc2.weight");
  assert.notDeepEqual(of(7), other);
});
