import assert from "node:assert/strict";
import type { WeightEntry } from "../../lib/checkpoint/weights.ts";
import type { Graph } from "../../lib/graph/graph.ts";
import type { ModelDirectory } from "../../lib/methods/model_directory.ts";
import type { BackendName } from "../../lib/tfjs/backend_name.ts";
import { evaluateGraph, lossAndGradients } from "./evaluate.ts";
import type { LossAndGradients } from "../../lib/tfjs/tfjs_program.ts";
import {
  differentiate,
  gradientName,
  lossProgram,
} from "../../lib/training/engine/loss_program.ts";
import {
  MODEL_PARTS,
  type ModelPart,
  trainableNames,
} from "../../lib/training/trainable.ts";
import {
  type NamedNumbers,
  type Numbers,
  numbers,
} from "../contract/numbers.ts";
import type { Golden } from "../golden/mfp_clip/golden.ts";
import {
  goldenNamed,
  idsFor,
  openGolden,
  rgbOf,
} from "../methods/mfp_clip/goldens.ts";
import { fed, testOnBackends } from "./backends.ts";
import { readParameters } from "./parameters.ts";

/** [B, 3, H, H] in [0, 1] as bytes [B, H, H, 3]. */
function bytes({ shape, data }: Numbers): Numbers {
  const [batch = 0, , side = 0] = shape;
  const pixels = side * side;
  const all = Array.from({ length: data.length }, (_, i) => {
    const [place, channel] = [Math.floor(i / 3), i % 3];
    const [image, pixel] = [Math.floor(place / pixels), place % pixels];
    return Math.round(data[(image * 3 + channel) * pixels + pixel]! * 255);
  });
  return numbers([batch, side, side, 3], all);
}

/** Two defective images, one of them at its border, and a normal one. */
async function batchOf(
  golden: Golden,
  model: ModelDirectory,
): Promise<NamedNumbers> {
  const rgb = bytes(await rgbOf(golden));
  const [batch = 0, side = 0] = rgb.shape;
  const label = Array.from({ length: batch }, (_, i) => i === 1 ? 0 : 1);
  const mask = label.flatMap((defective, image) =>
    Array.from({ length: side * side }, (_, i) => {
      const [row, column] = [Math.floor(i / side), i % side];
      return defective && row < 9 + image && column > 20 ? 1 : 0;
    })
  );
  return {
    rgb,
    ids: idsFor(model, Array(batch).fill("metal_nut")).ids,
    mask: numbers([batch, side, side], mask),
    label: numbers([batch], label),
  };
}

function norm(data: ArrayLike<number>): number {
  return Math.hypot(...Array.from(data));
}

/**
 * Compares gradients norm by norm. Rounding errors of the largest reach all
 * others, so none is measured by less than `floor` times the norm of all; and
 * one that vanishes, as that of a bias that a layer norm takes away, holds
 * nothing but such errors.
 */
function assertGradients(
  actual: NamedNumbers,
  expected: NamedNumbers,
  { wrt, floor }: { wrt: readonly string[]; floor: number },
): void {
  const sizes = wrt.map((name) => norm(expected[gradientName(name)]!.data));
  const all = norm(sizes);
  for (const [i, name] of wrt.entries()) {
    const [x, y] = [actual[name]!, expected[gradientName(name)]!];
    assert.deepEqual(x.shape, y.shape);
    const difference = norm(Array.from(y.data, (v, i) => v - x.data[i]!));
    const vanishes = sizes[i]! < 1e-5 * all;
    const error = difference /
      (vanishes ? all : Math.max(sizes[i]!, floor * all));
    assert(error <= 1e-5, `${name}: relative error ${error} is above 1e-5`);
  }
}

/** A training program: its forward half, and the whole by the rules. */
interface Program {
  readonly forward: Graph;
  readonly whole: Graph;
  readonly wrt: readonly string[];
  readonly batch: NamedNumbers;
  readonly weights: ReadonlyMap<string, WeightEntry>;
  readonly parameter: (name: string) => Float32Array;
}

async function withProgram(
  golden: Golden,
  parts: readonly ModelPart[],
  body: (program: Program) => Promise<void>,
): Promise<void> {
  await using opened = await openGolden(golden);
  const { model, weights } = opened;
  const { architecture } = model;
  const program = lossProgram(architecture, {
    textLength: architecture.clip.text.maxPositionEmbeddings,
    trainable: trainableNames(architecture, parts),
  });
  const { g, loss, reports, parameters } = program;
  const forward = g.build({ loss, ...reports });
  await body({
    forward,
    whole: differentiate(program, { recompute: false }).graph,
    wrt: parameters.map(({ name }) => name),
    batch: await batchOf(golden, model),
    weights,
    parameter: await readParameters(forward, weights),
  });
}

function byTape(
  { forward, wrt, batch, parameter }: Program,
  recompute: boolean,
): Promise<LossAndGradients> {
  return lossAndGradients(forward, {
    feeds: fed(batch),
    loss: "loss",
    wrt,
    parameter,
    recompute,
  });
}

async function compareWithRules(
  golden: Golden,
  { parts, floor }: { parts: readonly ModelPart[]; floor: number },
): Promise<void> {
  await withProgram(golden, parts, async (program) => {
    const { whole, wrt, batch, parameter } = program;
    const recompute = golden.name === "token_stages2";
    const { gradients } = await byTape(program, recompute);
    const feeds = fed(batch);
    const expected = await evaluateGraph(whole, { feeds, parameter });
    assertGradients(gradients, expected, { wrt, floor });
  });
}

/** Golden models that differ in what is differentiated, and where to look. */
const CASES: Readonly<Record<string, readonly BackendName[]>> = {
  feature: ["wasm", "native"],
  token_stages2: ["wasm", "native"],
  drop_stages2_n5: ["native"],
  no_i2tp: ["native"],
  no_mp: ["native"],
  scale: ["cpu", "wasm", "native"],
  gelu: ["wasm", "native"],
};

for (const [name, backends] of Object.entries(CASES)) {
  const subject = `lossAndGradients() agrees with the rules for ${name}`;
  testOnBackends(
    subject,
    backends,
    () => compareWithRules(goldenNamed(name), { parts: ["head"], floor: 0.01 }),
  );
}

testOnBackends(
  "lossAndGradients() agrees with the rules for frozen models too",
  ["wasm", "native"],
  () =>
    compareWithRules(goldenNamed("scale"), { parts: MODEL_PARTS, floor: 0.1 }),
);
