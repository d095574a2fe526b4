import assert from "node:assert/strict";
import { readWeight } from "../../../lib/checkpoint/safetensors.ts";
import { openModelDirectory } from "../../../lib/methods/model_directory.ts";
import { OnnxEngine } from "../../../lib/training/engine/onnx_engine.ts";
import { KeptFeatures } from "../../../lib/training/images/image_features.ts";
import { Adam } from "../../../lib/training/optimiser.ts";
import { trainModel } from "../../../lib/training/train_model.ts";
import { syntheticDataSet } from "../../../lib/synthetic/data_set.ts";
import { temporaryFolder } from "../../checkpoint/temporary.ts";
import { assertNumbers, numbers } from "../../contract/numbers.ts";
import {
  ANOMALY_CLIP_GOLDENS,
  type PromptedGolden,
  promptedModel,
} from "../../golden/prompted_clips/golden.ts";
import { openPrompted, photographBytes } from "../prompted.ts";
import {
  expectedTraining,
  LABELS,
  trainedNames,
  trainingIds,
} from "./training_golden.ts";

const [PUBLISHED, TAPS] = ANOMALY_CLIP_GOLDENS as [
  PromptedGolden,
  PromptedGolden,
];

for (const golden of ANOMALY_CLIP_GOLDENS) {
  if (golden.name === "plain") continue; // It has nothing to train.
  Deno.test(`OnnxEngine and Adam follow 30 published steps of AnomalyCLIP: ${golden.name}`, async () => {
    await using opened = await openPrompted(golden);
    const { model } = opened;
    const { architecture, weights } = model;
    const names = trainedNames(model);
    const expected = await expectedTraining(golden, "after", names);
    const { textLength, ids } = trainingIds(model);
    const trainable = new Set(names);
    const options = { textLength, trainable, threads: 1 };
    const engine = await OnnxEngine.open(model, options);
    const parameters = new Map<string, Float32Array>();
    for (const name of names) {
      parameters.set(name, await readWeight(weights.get(name)!));
    }
    const { firstBeta, learningRate } = architecture.training!.defaults;
    const adam = new Adam(parameters, { firstBeta });
    const batch = {
      size: LABELS.length,
      rgb: Uint8Array.from((await photographBytes(golden.side)).data),
      text: BigInt64Array.from(ids.data, BigInt),
      mask: Float32Array.from(expected.mask!.data),
      label: Float32Array.from(LABELS),
    };
    const losses: number[] = [];
    for (let step = 0; step < 30; step++) {
      const { loss, gradients } = await engine.step(batch, parameters);
      losses.push(loss);
      adam.step(parameters, gradients, learningRate);
    }
    await engine.close();
    const found = numbers([30], losses);
    assertNumbers(found, expected.losses!, { tolerance: 1e-4 });
    for (const [name, data] of parameters) {
      const wanted = expected[`after.${name}`]!;
      const options = { tolerance: 1e-4, label: name };
      assertNumbers(numbers(wanted.shape, data), wanted, options);
    }
  });
}

Deno.test("OnnxEngine trains AnomalyCLIP alike on pixels and on kept features", async () => {
  await using opened = await openPrompted(TAPS);
  const { model } = opened;
  const { image } = model.architecture.training!;
  const rgb = Uint8Array.from((await photographBytes(TAPS.side)).data);
  const running = { provider: "cpu", threads: 1, cacheBytes: 1e6 } as const;
  await using kept = await KeptFeatures.open(model, image!, running);
  const pixels = rgb.slice(0, TAPS.side ** 2 * 3);
  const features = await kept.of(0, pixels);
  assert.equal(await kept.of(0, pixels), features);
  const { textLength, ids } = trainingIds(model);
  const batch = {
    size: 1,
    rgb: pixels,
    text: BigInt64Array.from(ids.data, BigInt).subarray(0, ids.data.length / 3),
    mask: new Float32Array(TAPS.side ** 2),
    label: Float32Array.of(0),
  };
  const names = trainedNames(model);
  const parameters = new Map<string, Float32Array>();
  for (const name of names) {
    parameters.set(name, await readWeight(model.weights.get(name)!));
  }
  const options = { textLength, trainable: new Set(names), threads: 1 };
  const [onPixels, onFeatures] = [
    await OnnxEngine.open(model, options),
    await OnnxEngine.open(model, { ...options, fedImages: true }),
  ];
  const expected = await onPixels.step(batch, parameters);
  const fed = { ...batch, image: features };
  const found = await onFeatures.step(fed, parameters);
  await Promise.all([onPixels.close(), onFeatures.close()]);
  for (const [name, wanted] of expected.gradients) {
    const shape = [wanted.length];
    const actual = numbers(shape, found.gradients.get(name)!);
    const options = { tolerance: 1e-6, label: name };
    assertNumbers(actual, numbers(shape, wanted), options);
  }
});

Deno.test("KeptFeatures computes again what it has no room for", async () => {
  await using opened = await openPrompted(TAPS);
  const { model } = opened;
  const { image } = model.architecture.training!;
  const running = { provider: "cpu", threads: 1, cacheBytes: 1 } as const;
  await using kept = await KeptFeatures.open(model, image!, running);
  const pixels = new Uint8Array(TAPS.side ** 2 * 3).fill(9);
  const [first, second] = [await kept.of(0, pixels), await kept.of(0, pixels)];
  assert.notEqual(first, second);
  assert.deepEqual(first, second);
});

Deno.test("trainModel() trains AnomalyCLIP on a plain CLIP with its published settings", async () => {
  await using folder = await promptedModel(PUBLISHED);
  await using out = await temporaryFolder();
  for (const name of ["anomaly_clip.json", "anomaly_clip.safetensors"]) {
    await Deno.remove(`${folder.path}/${name}`);
  }
  const dataSet = syntheticDataSet({
    seed: 1,
    count: 4,
    side: 64,
    split: "aux",
    categories: ["washer"],
  });
  const path = `${out.path}/model`;
  const options = { choices: { image_size: 42 } };
  const { step, epoch } = await trainModel(
    { model: folder.path, dataSet, out: path },
    { ...options, initHead: true, method: "anomaly-clip", threads: 1 },
  );
  assert.deepEqual([step, epoch], [15, 15]);
  const log = await Deno.readTextFile(`${path}/log.jsonl`);
  const rows = log.trim().split("\n").map((line) => JSON.parse(line));
  const steps = rows.filter(({ event }) => event === "step");
  assert(steps.every(({ lr }) => lr === 0.001));
  const { focal, dice_abnormal, dice_normal, image } = steps[0].losses;
  const sum = 4 * (focal + dice_abnormal + dice_normal) + image;
  assert(Math.abs(sum - steps[0].loss) < 1e-4);
  const { architecture } = await openModelDirectory(path);
  assert.equal(architecture.method.name, "anomaly-clip");
  const { taps, vv_from, depth } = architecture.choices;
  assert.deepEqual([taps, vv_from, depth], [[4], 1, 2]);
});
