/**
 * Training steps of the tiny model in both engines. A step computes the losses
 * and the gradients of the whole head, and updates it with Adam.
 *
 * | benchmark                | model                                    | batch |
 * | ------------------------ | ---------------------------------------- | ----- |
 * | onnxruntime, one step    | 8 blocks, width 48, 42 x 42, two passes   | 3     |
 * | TensorFlow.js, one step  | the same, on wasm                         | 3     |
 *
 * The model is `feature` of `tests/golden/mfp_clip`, on one thread.
 * `bench/step.ts` times a step at full size, and PyTorch.
 *
 * @module
 */
import type { TrainingEngine } from "../lib/training/engine/training_engine.ts";
import { OnnxEngine } from "../lib/training/engine/onnx_engine.ts";
import { Adam } from "../lib/training/optimiser.ts";
import { TfjsEngine } from "../lib/training/engine/tfjs_engine.ts";
import { trainableNames } from "../lib/training/trainable.ts";
import {
  goldenModelNamed,
  gradientCases,
} from "../tests/golden/training/training_golden.ts";
import { type Case, openCase, parametersOf } from "../tests/training/cases.ts";

const RATE = 1e-3;

async function trainer(
  { model, batch }: Case,
  engine: TrainingEngine,
): Promise<() => Promise<void>> {
  const parameters = await parametersOf(model, engine);
  const adam = new Adam(parameters);
  return async () => {
    const { gradients } = await engine.step(batch, parameters);
    adam.step(parameters, gradients, RATE);
  };
}

const { feature } = await gradientCases();
await using folder = await goldenModelNamed(feature!.model);
const opened = await openCase(folder.path, feature!);
const { model, batch, textLength } = opened;
const options = {
  trainable: trainableNames(model.architecture, ["head"]),
  textLength,
  batchSize: batch.size,
};
const onnx = await OnnxEngine.open(model, { ...options, threads: 1 });
const tfjs = await TfjsEngine.open(model, { ...options, backend: "wasm" });

const group = "training step, tiny model";
const settings = { group, n: 10, warmup: 2 };
Deno.bench(
  "onnxruntime, one step",
  { ...settings, baseline: true },
  await trainer(opened, onnx),
);
Deno.bench(
  "TensorFlow.js, one step",
  settings,
  await trainer(opened, tfjs),
);
