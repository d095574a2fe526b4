import assert from "node:assert/strict";
import {
  mfpClipConfigToJson,
  parseMfpClipConfig,
} from "../../lib/mfp_clip/config.ts";
import {
  type ModelDirectory,
  openModelDirectory,
  promptOptions,
} from "../../lib/mfp_clip/model_directory.ts";
import { promptIds } from "../../lib/mfp_clip/prompts.ts";
import { toBatch } from "../../lib/training/batches.ts";
import type { Batch, StepResult } from "../../lib/training/engine.ts";
import { OnnxEngine } from "../../lib/training/onnx_engine.ts";
import type { Tensors } from "../../lib/training/optimiser.ts";
import {
  type Part,
  readParameter,
  trainableNames,
} from "../../lib/training/trainable.ts";
import { TrainingSet } from "../../lib/training/training_set.ts";
import {
  goldenData,
  type GradientCase,
  openGoldenData,
  summarise,
  type TensorSummary,
} from "../golden/training/training_golden.ts";

/** A golden model and a batch of its three images. */
export interface Case {
  readonly model: ModelDirectory;
  readonly batch: Batch;
  readonly textLength: number;
}

/** Opens a case of `gradients.json`. */
export async function openCase(
  directory: string,
  { category, overrides }: GradientCase,
): Promise<Case> {
  const opened = await openModelDirectory(directory);
  const json = mfpClipConfigToJson(opened.sizes.config);
  const config = parseMfpClipConfig({ ...json, ...overrides }, directory);
  const model = { ...opened, sizes: { ...opened.sizes, config } };
  await using data = await goldenData(category);
  const set = await TrainingSet.read(await openGoldenData(data), {
    side: config.imageSize,
  });
  const examples = await Promise.all([0, 1, 2].map((i) => set.example(i)));
  const { ids, endOfText } = promptIds(
    model.tokenizer,
    category,
    promptOptions(model.sizes),
  );
  return {
    model,
    batch: toBatch(examples, () => ids),
    textLength: Math.max(...endOfText) + 1,
  };
}

/** What a model directory holds of the tensors to train. */
export async function parametersOf(
  { weights }: ModelDirectory,
  engine: OnnxEngine,
): Promise<Map<string, Float32Array>> {
  const entries = [...engine.shapes.keys()].map(async (name) =>
    [name, await readParameter(weights.get(name)!)] as const
  );
  return new Map(await Promise.all(entries));
}

/** Runs one step with the model's own head. */
export async function step(
  { model, batch, textLength }: Case,
  options: { recompute?: boolean; parts?: Part[] } = {},
): Promise<StepResult> {
  const { recompute = false, parts = ["head"] } = options;
  const engine = await OnnxEngine.open(model, {
    trainable: trainableNames(model.sizes, parts),
    textLength,
    batchSize: 3,
    recompute: () => recompute,
    threads: 1,
  });
  try {
    assert.equal(engine.recomputes, recompute);
    return await engine.step(batch, await parametersOf(model, engine));
  } finally {
    await engine.close();
  }
}

/** Compares two numbers, relatively. */
export function assertNear(
  actual: number,
  expected: number,
  what: string,
): void {
  const error = Math.abs(actual - expected) / Math.abs(expected);
  assert(error < 1e-5, `${what}: ${actual} is not ${expected}`);
}

/**
 * Compares gradients, each relative to its norm; the rounding errors of all
 * reach one that is far smaller than the others (or vanishes, as that of a
 * bias that a layer norm takes away), so it is measured by a hundredth of the
 * norm of all.
 */
export function assertGradients(
  gradients: Tensors,
  expected: Readonly<Record<string, TensorSummary | null>>,
): void {
  const reached = Object.entries(expected).flatMap(([name, summary]) =>
    summary === null ? [] : [[name, summary] as const]
  );
  assert.deepEqual(
    [...gradients.keys()].sort(),
    reached.map(([name]) => name).sort(),
  );
  const all = Math.hypot(...reached.map(([, { norm }]) => norm));
  for (const [name, { norm, projections }] of reached) {
    const actual = summarise(gradients.get(name)!);
    const unit = Math.max(norm, all / 100);
    const error = Math.abs(actual.norm - norm) / unit;
    assert(error < 1e-4, `${name}: norm is off by ${error}`);
    for (const [i, expected] of projections.entries()) {
      const error = Math.abs(actual.projections[i]! - expected) / unit;
      assert(error < 3e-4, `${name}: projection ${i} is off by ${error}`);
    }
  }
}
