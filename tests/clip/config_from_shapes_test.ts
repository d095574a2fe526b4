import assert from "node:assert/strict";
import { openCheckpoint } from "../../lib/checkpoint/open_checkpoint.ts";
import type { WeightEntry, Weights } from "../../lib/checkpoint/weights.ts";
import { readClipConfig } from "../../lib/clip/config.ts";
import { clipConfigFromShapes } from "../../lib/clip/config_from_shapes.ts";
import { clipWeights } from "../../lib/clip/weights.ts";

const GOLDEN = `${import.meta.dirname}/../golden`;
const HUGGING_FACE = `${GOLDEN}/mfp_clip/backbones/gelu/clip`;
const OPEN_CLIP = `${GOLDEN}/clip/open_clip`;
const OPENAI = `${GOLDEN}/pytorch/traced_clip.pt`;

Deno.test("clipConfigFromShapes() gives what config.json says", async () => {
  for (const folder of [HUGGING_FACE, OPEN_CLIP]) {
    const config = await readClipConfig(`${folder}/config.json`);
    const weights = await openCheckpoint(`${folder}/model.safetensors`);
    const found = clipConfigFromShapes(weights, {
      hiddenAct: config.vision.hiddenAct,
      visionHeads: config.vision.numAttentionHeads,
      textHeads: config.text.numAttentionHeads,
    });
    assert.deepEqual(found, config, folder);
  }
});

Deno.test("clipConfigFromShapes() reads a traced half-precision CLIP as OpenAI's", async () => {
  const weights = await openCheckpoint(OPENAI);
  const config = clipConfigFromShapes(weights, { hiddenAct: "quick_gelu" });
  const tower = {
    hiddenSize: 64,
    intermediateSize: 8,
    numHiddenLayers: 1,
    numAttentionHeads: 1,
    hiddenAct: "quick_gelu",
    layerNormEps: 1e-5,
  };
  assert.deepEqual(config, {
    vision: { ...tower, imageSize: 6, patchSize: 2 },
    text: { ...tower, vocabSize: 20, maxPositionEmbeddings: 7 },
    projectionDim: 8,
  });
  const found = clipWeights(weights, config);
  const types = new Set([...found.values()].map(({ dtype }) => dtype));
  assert.deepEqual([...types].toSorted(), ["F16", "F32"]);
  const { dtype, shape, transposed } = found.get("text_projection.weight")!;
  assert.deepEqual([dtype, shape, transposed], ["F16", [64, 8], true]);
});

function edited(
  weights: Weights,
  edit: (tensors: Map<string, WeightEntry>) => void,
): Weights {
  const tensors = new Map(weights.tensors);
  edit(tensors);
  return { path: "f", tensors };
}

Deno.test("clipConfigFromShapes() says why it cannot", async () => {
  const weights = await openCheckpoint(`${HUGGING_FACE}/model.safetensors`);
  const positions = "vision_model.embeddings.position_embedding.weight";
  const shape = (name: string, shape: number[]) =>
    edited(weights, (tensors) => {
      tensors.set(name, { ...tensors.get(name)!, shape });
    });
  const cases: [Weights, string][] = [
    [
      edited(weights, (tensors) => tensors.clear()),
      "tensor vision_model." +
      "embeddings.patch_embedding.weight is missing",
    ],
    [shape(positions, [17]), `tensor ${positions} is [17]`],
    [
      shape(positions, [12, 32]),
      "12 positions are no square of patches and " +
      "a class",
    ],
    [
      shape(positions, [1, 32]),
      "1 positions are no square of patches and a " +
      "class",
    ],
    [weights, "a width of 32 does not divide into 0 heads"],
    [
      edited(
        weights,
        (tensors) =>
          tensors.delete("vision_model.encoder.layers.0.mlp.fc1.weight"),
      ),
      "tensor vision_model.encoder.layers.0.mlp.fc1.weight is missing",
    ],
  ];
  for (const [weights, reason] of cases) {
    const facts = reason.startsWith("a width") ? {} : { visionHeads: 4 };
    assert.throws(
      () => clipConfigFromShapes(weights, { hiddenAct: "gelu", ...facts }),
      {
        name: "ModelError",
        message: `Cannot load ${weights.path} as the sizes of the model ` +
          `cannot be read off it: ${reason}`,
      },
    );
  }
});
