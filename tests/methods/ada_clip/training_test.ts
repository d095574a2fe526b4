import assert from "node:assert/strict";
import { readWeight } from "../../../lib/checkpoint/safetensors.ts";
import type { ModelDirectory } from "../../../lib/methods/model_directory.ts";
import { openModelDirectory } from "../../../lib/methods/model_directory.ts";
import { syntheticDataSet } from "../../../lib/synthetic/data_set.ts";
import { OnnxEngine } from "../../../lib/training/engine/onnx_engine.ts";
import { TfjsEngine } from "../../../lib/training/engine/tfjs_engine.ts";
import type {
  Batch,
  TrainingEngine,
} from "../../../lib/training/engine/training_engine.ts";
import { Adam } from "../../../lib/training/optimiser.ts";
import { trainableNames } from "../../../lib/training/trainable.ts";
import { trainModel } from "../../../lib/training/train_model.ts";
import { temporaryFolder } from "../../checkpoint/temporary.ts";
import {
  assertNumbers,
  type NamedNumbers,
  numbers,
} from "../../contract/numbers.ts";
import {
  ADA_CLIP_GOLDENS,
  promptedExpected,
  type PromptedGolden,
  promptedModel,
} from "../../golden/prompted_clips/golden.ts";
import { readNumbers } from "../mfp_clip/goldens.ts";
import { openPrompted, photographBytes, promptsOf } from "../prompted.ts";
import { textFeeds } from "./run_ada_clip.ts";

const [PUBLISHED] = ADA_CLIP_GOLDENS as [PromptedGolden];

/** Steps of Adam double what float16 rounds away, and a scale of 5,000 too. */
const STEADY = ADA_CLIP_GOLDENS.filter(({ name }) =>
  !["half", "saturated"].includes(name)
);

async function batchOf(
  model: ModelDirectory,
  golden: PromptedGolden,
  mask: ArrayLike<number>,
): Promise<Batch> {
  const prompt = promptsOf(model, golden.categories[0]!);
  const { ids, text } = await textFeeds(model, prompt, { count: 3 });
  // Training reads ids wherever prompts of the text are learned.
  const { readsText } = model.architecture.training!;
  const rows = Array(3).fill([...prompt.ids]).flat();
  return {
    size: 3,
    rgb: Uint8Array.from((await photographBytes(golden.side)).data),
    text: readsText
      ? Float32Array.from(text!.data)
      : ids === undefined
      ? BigInt64Array.from(rows)
      : BigInt64Array.from(ids.data, BigInt),
    mask: Float32Array.from(mask),
    label: Float32Array.of(1, 0, 1),
  };
}

function engineOptions(model: ModelDirectory, golden: PromptedGolden) {
  const { endOfText } = promptsOf(model, golden.categories[0]!);
  return {
    textLength: Math.max(...endOfText) + 1,
    trainable: trainableNames(model.architecture, ["head"]),
  };
}

async function headOf(
  { weights, architecture }: ModelDirectory,
): Promise<Map<string, Float32Array>> {
  const head = new Map<string, Float32Array>();
  for (const name of architecture.headShapes.keys()) {
    head.set(name, await readWeight(weights.get(name)!));
  }
  return head;
}

/** Largest element, so that errors are relative to their tensor. */
function scaleOf({ data }: NamedNumbers[string]): number {
  return Math.max(...Array.from(data, Math.abs), 1e-12);
}

/** Asserts that a step has the loss and the gradients of the specification. */
async function assertFirstStep(
  engine: TrainingEngine,
  { model, golden }: { model: ModelDirectory; golden: PromptedGolden },
): Promise<void> {
  const names = [...engine.shapes.keys()].map((name) => `grad.${name}`);
  const path = promptedExpected(golden, "training");
  const expected = await readNumbers(path, ["losses", "mask", ...names]);
  const batch = await batchOf(model, golden, expected.mask!.data);
  const { loss, gradients } = await engine.step(batch, await headOf(model));
  const first = numbers([], [expected.losses!.data[0]!]);
  assertNumbers(numbers([], [loss]), first, { tolerance: 1e-4, label: "loss" });
  for (const [name, gradient] of gradients) {
    const wanted = expected[`grad.${name}`]!;
    const scale = scaleOf(wanted);
    const relative = (data: ArrayLike<number>) =>
      numbers(wanted.shape, Array.from(data, (x) => x / scale));
    assertNumbers(relative(gradient), relative(wanted.data), {
      tolerance: golden.name === "half" ? 1e-2 : 2e-4,
      label: name,
    });
  }
}

for (const golden of ADA_CLIP_GOLDENS) {
  if (golden.name === "saturated") continue;
  Deno.test(`OnnxEngine gives AdaCLIP the losses and gradients of the specification: ${golden.name}`, async () => {
    await using opened = await openPrompted(golden);
    const { model } = opened;
    const options = { ...engineOptions(model, golden), threads: 1 };
    const engine = await OnnxEngine.open(model, options);
    await assertFirstStep(engine, { model, golden });
    await engine.close();
  });
}

Deno.test("TfjsEngine gives AdaCLIP the losses and gradients of the specification", async () => {
  await using opened = await openPrompted(PUBLISHED);
  const { model } = opened;
  const options = engineOptions(model, PUBLISHED);
  const engine = await TfjsEngine.open(model, { ...options, backend: "cpu" });
  await assertFirstStep(engine, { model, golden: PUBLISHED });
  await engine.close();
});

for (const golden of STEADY) {
  Deno.test(`OnnxEngine and Adam follow 30 published steps of AdaCLIP: ${golden.name}`, async () => {
    await using opened = await openPrompted(golden);
    const { model } = opened;
    const { architecture } = model;
    const parameters = await headOf(model);
    const expected = await readNumbers(
      promptedExpected(golden, "training"),
      [
        "losses",
        "mask",
        ...[...parameters.keys()].map((name) => `after.${name}`),
      ],
    );
    const options = { ...engineOptions(model, golden), threads: 1 };
    const engine = await OnnxEngine.open(model, options);
    const trained = new Map(
      [...parameters].filter(([name]) => engine.shapes.has(name)),
    );
    const { firstBeta, learningRate, weightDecay } =
      architecture.training!.defaults;
    assert.equal(weightDecay, 0.01);
    const adam = new Adam(trained, { firstBeta, weightDecay });
    const batch = await batchOf(model, golden, expected.mask!.data);
    const losses: number[] = [];
    for (let step = 0; step < 30; step++) {
      const { loss, gradients } = await engine.step(batch, parameters);
      losses.push(loss);
      adam.step(trained, gradients, learningRate);
    }
    await engine.close();
    const found = numbers([30], losses);
    assertNumbers(found, expected.losses!, { tolerance: 1e-3, label: "loss" });
    for (const [name, data] of trained) {
      const wanted = expected[`after.${name}`]!;
      const found = numbers(wanted.shape, data);
      assertNumbers(found, wanted, { tolerance: 1e-3, label: name });
    }
  });
}

Deno.test("trainModel() trains AdaCLIP on a plain CLIP with its published settings", async () => {
  await using folder = await promptedModel(PUBLISHED);
  await using out = await temporaryFolder();
  for (const name of ["ada_clip.json", "ada_clip.safetensors"]) {
    await Deno.remove(`${folder.path}/${name}`);
  }
  const dataSet = syntheticDataSet({
    seed: 1,
    count: 2,
    side: 64,
    split: "aux",
    categories: ["washer"],
  });
  const path = `${out.path}/model`;
  const choices = { image_size: 28, clusters: 2 };
  const { step, epoch } = await trainModel(
    { model: folder.path, dataSet, out: path },
    { initHead: true, method: "ada-clip", threads: 1, epochs: 2, choices },
  );
  assert.deepEqual([step, epoch], [4, 2]);
  const log = await Deno.readTextFile(`${path}/log.jsonl`);
  const rows = log.trim().split("\n").map((line) => JSON.parse(line));
  const steps = rows.filter(({ event }) => event === "step");
  assert.deepEqual(steps.map(({ lr }) => lr), [0.01, 0.01, 0.01, 0.01]);
  const { losses, loss } = steps[0];
  assert.deepEqual(Object.keys(losses).slice(0, 3), [
    "tap 1.focal",
    "tap 1.dice",
    "tap 1.dice of normal",
  ]);
  assert("image.focal" in losses);
  const sum = Object.values<number>(losses).reduce((a, b) => a + b);
  assert(Math.abs(sum - loss) < 1e-4);
  const { architecture } = await openModelDirectory(path);
  assert.equal(architecture.method.name, "ada-clip");
  assert.deepEqual(architecture.choices.taps, [1, 2, 3, 4]);
});
