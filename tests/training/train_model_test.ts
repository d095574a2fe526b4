import assert from "node:assert/strict";
import { mfpClipSizes } from "../../lib/methods/mfp_clip/architecture.ts";
import type { DataSet } from "../../lib/data/sample.ts";
import { openModelDirectory } from "../../lib/methods/model_directory.ts";
import { promptIds, promptOptions } from "../../lib/methods/prompts.ts";
import type { StepRow } from "../../lib/results/training_rows.ts";
import { readLog } from "../../lib/training/training_log.ts";
import { readParameter } from "../../lib/training/trainable.ts";
import { trainModel } from "../../lib/training/train_model.ts";
import type { TrainModelOptions } from "../../lib/training/train_model_options.ts";
import {
  goldenData,
  goldenModelNamed,
  type Loop,
  loops,
  openGoldenData,
  summarise,
} from "../golden/training/training_golden.ts";

const OPTIONS: TrainModelOptions = {
  choices: {},
  initHead: false,
  trainedParts: new Set(["head"]),
  engine: "onnx",
  provider: "cpu",
  threads: 1,
  memory: "keep",
  availableBytes: Infinity,
  allowOverlap: false,
  resume: false,
  epochs: 15,
  maxSteps: Infinity,
  batchSize: 2,
  seed: 0,
  shuffle: false,
  augmentation: { flip: false, rotate: false, mosaic: 0 },
  schedule: { base: 0.001, kind: "decay", warmup: 0 },
  weightDecay: 0,
  clipNorm: Infinity,
  checkpointEvery: 100,
  evalEvery: 1,
  signal: new AbortController().signal,
  onWarning: (message) => assert.fail(message),
};

/** Trains a golden model on the golden images. */
async function trainGolden(
  { model: name, category }: Pick<Loop, "model" | "category">,
  options: Partial<TrainModelOptions>,
  look: (out: string, directory: string) => Promise<void>,
): Promise<void> {
  await using folder = await goldenModelNamed(name);
  await using data = await goldenData(category);
  const dataSet: DataSet = await openGoldenData(data);
  const out = `${data.path}-out`;
  const { path: directory } = folder;
  try {
    await trainModel(
      { model: directory, modelName: name, dataSet, out },
      { ...OPTIONS, ...options },
    );
    await look(out, directory);
  } finally {
    await Deno.remove(out, { recursive: true });
  }
}

/** Compares a run with the specification's, step by step. */
async function assertLoop(out: string, loop: Loop): Promise<void> {
  const rows = await readLog(`${out}/log.jsonl`);
  const steps = rows.filter((row): row is StepRow => row.event === "step");
  assert.equal(steps.length, 30);
  for (const [i, expected] of loop.losses.entries()) {
    const error = Math.abs(steps[i]!.loss / expected - 1);
    assert(error < (i < 5 ? 1e-3 : 1e-2), `step ${i + 1}: ${error}`);
  }
  const { weights } = await openModelDirectory(out);
  for (const [name, { norm }] of Object.entries(loop.head)) {
    const actual = summarise(await readParameter(weights.get(name)!));
    assert(Math.abs(actual.norm / norm - 1) < 1e-3, name);
  }
}

for (const loop of await loops()) {
  Deno.test(`trainModel() trains ${loop.model} as the specification does`, async () => {
    await trainGolden(loop, {}, (out) => assertLoop(out, loop));
  });
}

Deno.test("trainModel() trains as the specification does with TensorFlow.js", async () => {
  const loop = (await loops()).find(({ model }) => model === "no_mp")!;
  const options = { engine: "tfjs", backend: "wasm" } as const;
  await trainGolden(loop, options, (out) => assertLoop(out, loop));
});

Deno.test("trainModel() writes the parts it trains, and refers to the others", async () => {
  const trainedParts = new Set(["head", "clip"] as const);
  const run = { model: "plain", category: "wood" };
  const options = {
    trainedParts,
    maxSteps: 1,
    initHead: true,
    weightDecay: 0.1,
  };
  await trainGolden(run, options, async (out, directory) => {
    const before = await openModelDirectory(directory);
    const after = await openModelDirectory(out);
    assert.deepEqual([...after.weights.keys()], [...before.weights.keys()]);
    const fileOf = (name: string) =>
      after.weights.get(name)!.file.replace(out, "OUT").replace(directory, "");
    assert.equal(fileOf("logit_scale"), "OUT/clip/model.safetensors");
    assert.equal(fileOf("adapters.0.fc1.bias"), "OUT/mfp_clip.safetensors");
    assert.equal(fileOf("bn1.bias"), "/resnet50.safetensors");
    const options = promptOptions(before.architecture);
    const { endOfText } = promptIds(before.tokenizer, "wood", options);
    const { longestEndOfText } = mfpClipSizes(after).config;
    assert.equal(longestEndOfText, Math.max(...endOfText));
    const name = "vision_model.encoder.layers.7.mlp.fc2.weight";
    const [old, trained] = await Promise.all(
      [before, after].map(({ weights }) => readParameter(weights.get(name)!)),
    );
    const furthest = Math.max(
      ...trained!.map((value, i) => Math.abs(value - old![i]!)),
    );
    assert(furthest > 5e-4 && furthest < 2e-3, `${furthest}`);
  });
});
