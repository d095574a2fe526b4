import assert from "node:assert/strict";
import {
  openSafetensors,
  readWeight,
} from "../../lib/checkpoint/safetensors.ts";
import type { WeightEntry, Weights } from "../../lib/checkpoint/weights.ts";
import { readClipConfig } from "../../lib/clip/config.ts";
import { clipShapes, clipWeights } from "../../lib/clip/weights.ts";

const GOLDEN = `${import.meta.dirname}/../golden`;
const OPEN_CLIP = `${GOLDEN}/clip/open_clip`;
const HUGGING_FACE = `${GOLDEN}/mfp_clip/backbones/gelu/clip`;

/** Shape, sum of elements, sum of elements times their place from 1. */
type Fingerprint = [number[], number, number];

async function fingerprint(entry: WeightEntry): Promise<Fingerprint> {
  const stored = await readWeight(entry);
  const [rows = 1, columns = 1] = entry.shape;
  const x = entry.transposed
    ? stored.map((_, i) => stored[(i % rows) * columns + Math.floor(i / rows)]!)
    : stored;
  const shape = entry.transposed ? entry.shape.toReversed() : [...entry.shape];
  const sums: [number, number] = [0, 0];
  x.forEach((value, i) => {
    sums[0] += value;
    sums[1] += value * (i + 1);
  });
  return [shape, ...sums];
}

function edited(
  file: Weights,
  edit: (tensors: Map<string, WeightEntry>) => void,
): Weights {
  const tensors = new Map(file.tensors);
  edit(tensors);
  return { path: "f", tensors };
}

Deno.test("clipWeights() finds open_clip's tensors under Hugging Face's names", async () => {
  const config = await readClipConfig(`${OPEN_CLIP}/config.json`);
  const file = await openSafetensors(`${OPEN_CLIP}/model.safetensors`);
  const weights = clipWeights(file, config);
  const expected: Record<string, Fingerprint> = JSON.parse(
    await Deno.readTextFile(`${OPEN_CLIP}/hugging_face.json`),
  );
  const unused = ["visual_projection", "vision_model.post_layernorm"];
  const needed = Object.keys(expected).filter((name) =>
    !unused.some((prefix) => name.startsWith(prefix))
  );
  assert.deepEqual([...weights.keys()].toSorted(), needed.toSorted());
  for (const [name, entry] of weights) {
    const [shape, ...sums] = await fingerprint(entry);
    const [wantedShape, ...wanted] = expected[name]!;
    assert.deepEqual(shape, wantedShape, name);
    sums.forEach((sum, i) =>
      assert(Math.abs(sum - wanted[i]!) < 1e-6 * (1 + Math.abs(sum)), name)
    );
  }
});

Deno.test("clipWeights() finds what CLIP's image feature needs where it is read", async () => {
  const config = await readClipConfig(`${OPEN_CLIP}/config.json`);
  const file = await openSafetensors(`${OPEN_CLIP}/model.safetensors`);
  const weights = clipWeights(file, config, { imageFeature: true });
  const expected: Record<string, Fingerprint> = JSON.parse(
    await Deno.readTextFile(`${OPEN_CLIP}/hugging_face.json`),
  );
  assert.deepEqual(
    [...weights.keys()].toSorted(),
    Object.keys(expected).sort(),
  );
  const name = "visual_projection.weight";
  const [shape, sum] = await fingerprint(weights.get(name)!);
  assert.deepEqual(shape, expected[name]![0]);
  assert(Math.abs(sum - expected[name]![1]) < 1e-6 * (1 + Math.abs(sum)));
});

Deno.test("clipWeights() takes Hugging Face's checkpoints with their extras", async () => {
  const config = await readClipConfig(`${HUGGING_FACE}/config.json`);
  const file = await openSafetensors(`${HUGGING_FACE}/model.safetensors`);
  assert(file.tensors.has("visual_projection.weight"));
  assert(file.tensors.has("vision_model.post_layernorm.bias"));
  const ids = file.tensors.get("logit_scale")!;
  const older = edited(
    file,
    (tensors) =>
      tensors.set("text_model.embeddings.position_ids", {
        ...ids,
        dtype: "I64",
        shape: [1, 24],
      }),
  );
  for (const weights of [file, older]) {
    const found = clipWeights(weights, config);
    assert.deepEqual([...found.keys()], [...clipShapes(config).keys()]);
    assert.equal(found.get("logit_scale"), ids);
  }
});

Deno.test("clipWeights() reports missing, misshaped and foreign tensors at once", async () => {
  const config = await readClipConfig(`${HUGGING_FACE}/config.json`);
  const file = await openSafetensors(`${HUGGING_FACE}/model.safetensors`);
  const broken = edited(file, (tensors) => {
    const projection = tensors.get("text_projection.weight")!;
    tensors.delete("logit_scale");
    tensors.set("text_projection.weight", { ...projection, shape: [24, 20] });
    tensors.set("lora.weight", projection);
  });
  assert.throws(() => clipWeights(broken, config), {
    name: "ModelError",
    message: "Cannot load f as 1 tensor is missing (logit_scale), 1 tensor is" +
      " of another shape or type (text_projection.weight must be [20, 24], is" +
      " [24, 20]), 1 tensor is foreign (lora.weight)",
  });
});

Deno.test("clipWeights() refuses other architectures of open_clip", async () => {
  const config = await readClipConfig(`${OPEN_CLIP}/config.json`);
  const file = await openSafetensors(`${OPEN_CLIP}/model.safetensors`);
  const name = "transformer.resblocks.0.attn.in_proj_weight";
  const broken = edited(file, (tensors) => {
    tensors.set(name, { ...tensors.get(name)!, shape: [35, 12] });
    tensors.set("visual.layer1.0.conv1.weight", tensors.get("logit_scale")!);
  });
  assert.throws(() => clipWeights(broken, config), {
    message: "Cannot load f as 3 tensors are missing (" +
      ["q", "k", "v"].map((part) =>
        `text_model.encoder.layers.0.self_attn.${part}_proj.weight`
      ).join(", ") +
      `), 2 tensors are foreign (${name}, visual.layer1.0.conv1.weight)`,
  });
});
