import assert from "node:assert/strict";
import { readWeight } from "../../../lib/checkpoint/safetensors.ts";
import { openModelDirectory } from "../../../lib/methods/model_directory.ts";
import { OnnxEngine } from "../../../lib/training/engine/onnx_engine.ts";
import { Adam } from "../../../lib/training/optimiser.ts";
import { trainableNames } from "../../../lib/training/trainable.ts";
import { trainModel } from "../../../lib/training/train_model.ts";
import { syntheticDataSet } from "../../../lib/synthetic/data_set.ts";
import { temporaryFolder } from "../../checkpoint/temporary.ts";
import { assertNumbers, numbers } from "../../contract/numbers.ts";
import {
  APRIL_GAN_GOLDENS,
  promptedExpected,
  type PromptedGolden,
  promptedModel,
} from "../../golden/prompted_clips/golden.ts";
import { readNumbers } from "../mfp_clip/goldens.ts";
import {
  expectedPrompted,
  openPrompted,
  photographBytes,
} from "../prompted.ts";

const [PUBLISHED, CHECKPOINT] = APRIL_GAN_GOLDENS as [
  PromptedGolden,
  PromptedGolden,
];

for (const golden of [PUBLISHED, CHECKPOINT]) {
  Deno.test(`OnnxEngine and Adam follow 30 published steps of APRIL-GAN: ${golden.name}`, async () => {
    await using opened = await openPrompted(golden);
    const { model } = opened;
    const { architecture, weights } = model;
    const { text } = await expectedPrompted(golden, "metal_nut", ["text"]);
    const heads = [...architecture.headShapes.keys()];
    const expected = await readNumbers(
      promptedExpected(golden, "training"),
      ["losses", "mask", ...heads.map((name) => `after.${name}`)],
    );
    const engine = await OnnxEngine.open(model, {
      textLength: 1,
      trainable: trainableNames(architecture, ["head"]),
      threads: 1,
    });
    const parameters = new Map<string, Float32Array>();
    for (const name of heads) {
      parameters.set(name, await readWeight(weights.get(name)!));
    }
    const { firstBeta, learningRate } = architecture.training!.defaults;
    const adam = new Adam(parameters, { firstBeta });
    const batch = {
      size: 3,
      rgb: Uint8Array.from((await photographBytes(golden.side)).data),
      text: Float32Array.from(Array(3).fill(Array.from(text!.data)).flat()),
      mask: Float32Array.from(expected.mask!.data),
      label: Float32Array.of(1, 0, 1),
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

Deno.test("trainModel() trains APRIL-GAN on a plain CLIP with its published settings", async () => {
  await using folder = await promptedModel(PUBLISHED);
  await using out = await temporaryFolder();
  for (const name of ["april_gan.json", "april_gan.safetensors"]) {
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
  const { step, epoch } = await trainModel(
    { model: folder.path, dataSet, out: path },
    { initHead: true, method: "april-gan", threads: 1 },
  );
  assert.deepEqual([step, epoch], [3, 3]);
  const log = await Deno.readTextFile(`${path}/log.jsonl`);
  const rows = log.trim().split("\n").map((line) => JSON.parse(line));
  const steps = rows.filter(({ event }) => event === "step");
  assert.deepEqual(steps.map(({ lr }) => lr), [0.001, 0.001, 0.001]);
  const { losses, refined, loss } = steps[0];
  assert.equal(refined, null);
  assert.deepEqual(Object.keys(losses).slice(0, 2), [
    "tap 1.focal",
    "tap 1.dice",
  ]);
  const sum = Object.values<number>(losses).reduce((a, b) => a + b);
  assert(Math.abs(sum - loss) < 1e-4);
  const { architecture } = await openModelDirectory(path);
  assert.equal(architecture.method.name, "april-gan");
  assert.deepEqual(architecture.choices.taps, [1, 2, 3, 4]);
});

Deno.test("trainModel() refuses a method that has nothing to train", async () => {
  await using folder = await promptedModel(PUBLISHED);
  await using out = await temporaryFolder();
  for (const name of ["april_gan.json", "april_gan.safetensors"]) {
    await Deno.remove(`${folder.path}/${name}`);
  }
  const dataSet = syntheticDataSet({ count: 1, side: 64, split: "aux" });
  const job = { model: folder.path, dataSet, out: `${out.path}/model` };
  await assert.rejects(trainModel(job, { method: "winclip" }), {
    name: "ModelError",
    message: "Cannot train as WinCLIP has nothing to train",
  });
});
