import assert from "node:assert/strict";
import { readWeight } from "../../lib/checkpoint/safetensors.ts";
import { rowMajorStrides } from "../../lib/checkpoint/strides.ts";
import type { WeightEntry } from "../../lib/checkpoint/weights.ts";
import { METHODS } from "../../lib/methods/methods.ts";
import { openModelDirectory } from "../../lib/methods/model_directory.ts";
import { torchSave, type TorchTensor } from "../checkpoint/pytorch_archive.ts";
import {
  ADA_CLIP_GOLDENS,
  ANOMALY_CLIP_GOLDENS,
  APRIL_GAN_GOLDENS,
  type PromptedGolden,
  promptedModel,
} from "../golden/prompted_clips/golden.ts";

const GOLDENS = `${import.meta.dirname}/../golden`;

const [APRIL_GAN, ANOMALY_CLIP, ADA_CLIP] = [
  APRIL_GAN_GOLDENS[0]!,
  ANOMALY_CLIP_GOLDENS[0]!,
  ADA_CLIP_GOLDENS[0]!,
] as const;

/** A model directory without a head. */
async function headless(golden: PromptedGolden) {
  const folder = await promptedModel(golden);
  await Deno.remove(`${folder.path}/${golden.method}.safetensors`);
  return folder;
}

Deno.test("openModelDirectory() refuses the published head of another method by its tensors", async () => {
  const goldens = [APRIL_GAN, ANOMALY_CLIP, ADA_CLIP];
  for (const golden of goldens) {
    await using folder = await headless(golden);
    const file = `${golden.method}.pth`;
    for (const { method: other } of goldens) {
      if (other === golden.method) continue;
      const archive = `${GOLDENS}/${other}/published_head.pth`;
      await Deno.copyFile(archive, `${folder.path}/${file}`);
      await assert.rejects(
        openModelDirectory(folder.path),
        ({ name, message }: Error) => {
          assert.equal(name, "ModelError");
          assert.match(message, /tensors are missing .*tensors are foreign/);
          return message.includes(file);
        },
      );
    }
  }
});

Deno.test("openModelDirectory() reads a published head in any wrapping", async () => {
  await using own = await promptedModel(APRIL_GAN);
  await using folder = await headless(APRIL_GAN);
  const { weights, architecture } = await openModelDirectory(own.path);
  const head: Record<string, TorchTensor> = {};
  for (const [name, shape] of architecture.headShapes) {
    const data = await readWeight(weights.get(name)!);
    head[name] = { data, shape, strides: rowMajorStrides(shape) };
  }
  const parallel = Object.fromEntries(
    Object.entries(head).map(([name, tensor]) => [`module.${name}`, tensor]),
  );
  const path = `${folder.path}/april_gan.pth`;
  for (
    const saved of [head, { state_dict: head }, { head: parallel, other: {} }]
  ) {
    await Deno.writeFile(path, torchSave(saved));
    const found = await openModelDirectory(folder.path);
    for (const [name, { data }] of Object.entries(head)) {
      assert.deepEqual(await readWeight(found.weights.get(name)!), data, name);
    }
  }
});

Deno.test("renamePublished() refuses two tensors for one", async () => {
  const entry: WeightEntry = {
    file: "a.pth",
    dtype: "F32",
    shape: [1, 1, 3, 4],
    offset: 0,
    byteLength: 48,
    transposed: false,
  };
  const cases = {
    "anomaly-clip": ["ctx_pos", "prompt.normal", "prompt.normal"],
    "ada-clip": [
      "clip_model.cls_token_layer.head.0.bias",
      "cls_token_layer.head.0.bias",
      "class.bias",
    ],
  };
  for (const [name, [first, second, own]] of Object.entries(cases)) {
    const { publishedHead } = METHODS.find((method) => method.name === name)!;
    const tensors = new Map([[first!, entry], [second!, entry]]);
    const { renamePublished } = await publishedHead!.rules!();
    assert.throws(() => renamePublished({ path: "a.pth", tensors }), {
      name: "ModelError",
      message:
        `Cannot load a.pth as two tensors in it are ${own}: ${first} and ${second}`,
    });
  }
});
