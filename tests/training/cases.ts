import assert from "node:assert/strict";
import { mfpClipSizes } from "../../lib/methods/mfp_clip/architecture.ts";
import { MFP_CLIP } from "../../lib/methods/mfp_clip/method.ts";
import {
  type ModelDirectory,
  openModelDirectory,
} from "../../lib/methods/model_directory.ts";
import { promptIds, promptOptions } from "../../lib/methods/prompts.ts";
import { toBatch } from "../../lib/training/images/batches.ts";
import type {
  Batch,
  StepResult,
  TrainingEngine,
} from "../../lib/training/engine/training_engine.ts";
import { OnnxEngine } from "../../lib/training/engine/onnx_engine.ts";
import {
  type ModelPart,
  readParameter,
  trainableNames,
} from "../../lib/training/trainable.ts";
import { TrainingSet } from "../../lib/training/images/training_set.ts";
import { type NamedNumbers, numbers } from "../contract/numbers.ts";
import {
  distance,
  goldenData,
  type GradientCase,
  openGoldenData,
  summarise,
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
  const { architecture: { choices }, path } = opened;
  const json = { ...choices, ...overrides };
  const sizes = mfpClipSizes(opened);
  const { fit } = await MFP_CLIP.load();
  const architecture = fit(sizes, { json, path });
  const model = { ...opened, architecture };
  await using data = await goldenData(category);
  const set = await TrainingSet.read(await openGoldenData(data), {
    side: architecture.imageSize,
  });
  const examples = await Promise.all([0, 1, 2].map((i) => set.example(i)));
  const { ids, endOfText } = promptIds(
    model.tokenizer,
    category,
    promptOptions(model.architecture),
  );
  return {
    model,
    batch: toBatch(examples, () => ids),
    textLength: Math.max(...endOfText) + 1,
  };
}

/** A batch as the program's inputs. */
export function feedsOf({ model, batch }: Case): NamedNumbers {
  const { architecture: { clip, imageSize: side } } = model;
  const { size, rgb, text, mask, label } = batch;
  return {
    rgb: numbers([size, side, side, 3], Array.from(rgb)),
    ids: numbers(
      [size, 2, clip.text.maxPositionEmbeddings],
      Array.from(text as BigInt64Array, Number),
    ),
    mask: numbers([size, side, side], Array.from(mask)),
    label: numbers([size], Array.from(label)),
  };
}

/** What a model directory holds of the tensors to train. */
export async function parametersOf(
  { weights }: ModelDirectory,
  engine: Pick<TrainingEngine, "shapes">,
): Promise<Map<string, Float32Array>> {
  const entries = [...engine.shapes.keys()].map(async (name) =>
    [name, await readParameter(weights.get(name)!)] as const
  );
  return new Map(await Promise.all(entries));
}

/** Runs one step with the model's own head. */
export async function step(
  { model, batch, textLength }: Case,
  options: { recompute?: boolean; parts?: ModelPart[] } = {},
): Promise<StepResult> {
  const { recompute = false, parts = ["head"] } = options;
  const engine = await OnnxEngine.open(model, {
    trainable: trainableNames(model.architecture, parts),
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
 * Compares every gradient with the specification's, relative to its own norm.
 *
 * One that is exactly zero is that of a bias which a layer norm or a softmax
 * takes away. Weight and bias of a Linear are the columns of one matrix, so
 * what rounding leaves of the bias is measured by the norm of the weight's.
 */
export function assertGradients(
  gradients: ReadonlyMap<string, Float32Array | Float64Array>,
  expected: GradientCase["gradients"],
  tolerance: number,
): void {
  const reached = Object.entries(expected).flatMap(([name, summary]) =>
    summary === null ? [] : [[name, summary] as const]
  );
  assert.deepEqual(
    [...gradients.keys()].sort(),
    reached.map(([name]) => name).sort(),
  );
  for (const [name, summary] of reached) {
    const weight = expected[name.replace(/bias$/, "weight")]!;
    const unit = summary.norm || weight.norm;
    const error = distance(summarise(gradients.get(name)!), summary) / unit;
    assert(error < tolerance, `${name} is off by ${error}`);
  }
}
