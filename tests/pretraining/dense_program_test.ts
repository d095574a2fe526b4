import assert from "node:assert/strict";
import { parseClipConfig } from "../../lib/clip/config.ts";
import { clipShapes } from "../../lib/clip/weights.ts";
import { DEFAULT_CONFIG } from "../../lib/methods/mfp_clip/config.ts";
import { headShapes } from "../../lib/methods/mfp_clip/head_shapes.ts";
import type { ModelSizes } from "../../lib/methods/mfp_clip/model.ts";
import { headSizes } from "../../lib/methods/mfp_clip/architecture.ts";
import { initialiseHead } from "../../lib/methods/mfp_clip/initialise_head.ts";
import { initialiseBackbone } from "../../lib/pretraining/initialise_backbone.ts";
import {
  differentiate,
  gradientName,
  type LossProgram,
} from "../../lib/training/engine/loss_program.ts";
import {
  denseProgram,
  patchTargets,
} from "../../lib/pretraining/dense_program.ts";
import { textProgram } from "../../lib/pretraining/text_program.ts";
import { type Numbers, numbers, scattered } from "../contract/numbers.ts";
import { openFloat64 } from "../graph/float64_program.ts";
import { lower } from "../graph/lowered.ts";

const TOWER = {
  hidden_size: 8,
  intermediate_size: 12,
  num_hidden_layers: 2,
  num_attention_heads: 2,
};

const SIZES: ModelSizes = {
  clip: parseClipConfig({
    projection_dim: 6,
    vision_config: { ...TOWER, image_size: 8, patch_size: 4 },
    text_config: { ...TOWER, vocab_size: 9, max_position_embeddings: 5 },
  }, "config.json"),
  resnet: { width: 2, blocks: [1, 1, 1, 1] },
  config: { ...DEFAULT_CONFIG, imageSize: 8, taps: [1, 2] },
};

const IDS = numbers([2, 2, 5], [
  ...[1, 2, 5, 8, 0],
  ...[1, 3, 5, 8, 0],
  ...[1, 2, 6, 8, 0],
  ...[1, 3, 6, 8, 0],
]);

const IMAGES: Record<string, Numbers> = {
  ids: IDS,
  rgb: numbers([2, 8, 8, 3], scattered(384).map((x) => 127 + 120 * x)),
  positive: numbers([2, 4], [0, 1, 0, 0, 1, 0, 0, 0]),
  negative: numbers([2, 4], [1, 0, 1, 0, 0, 1, 1, 1]),
};

function weights(): Map<string, Float32Array> {
  return new Map([
    ...initialiseBackbone(clipShapes(SIZES.clip), 1),
    ...initialiseHead(headShapes(SIZES.config, headSizes(SIZES)), 1),
  ]);
}

const STEP = 1e-5;

/** Compares each gradient with what the loss does along a random direction. */
async function assertFiniteDifferences(
  program: LossProgram,
  given: Record<string, Numbers>,
): Promise<void> {
  const { graph } = differentiate(program, { recompute: false });
  const fed = Object.fromEntries(
    graph.nodes.filter(({ primitive }) => primitive === "parameter")
      .map(({ output }) => [output.name, output]),
  );
  const start = weights();
  const feeds: Record<string, Numbers> = { ...given };
  for (const [name, { shape }] of Object.entries(fed)) {
    const noise = scattered(start.get(name)!.length, name.length);
    const data = start.get(name)!.map((x, i) => x + 0.1 * noise[i]!);
    feeds[name] = numbers(shape, data);
  }
  await using session = await openFloat64(lower(graph, fed));
  const found = await session.run(feeds);
  const lossAt = async (name: string, by: number[], step: number) => {
    const { shape, data } = feeds[name]!;
    const moved = numbers(shape, Array.from(data, (x, i) => x + step * by[i]!));
    return (await session.run({ ...feeds, [name]: moved })).loss![0]!;
  };
  for (const [seed, { name }] of program.parameters.entries()) {
    const gradient = found[gradientName(name)]!;
    const by = scattered(gradient.length, seed + 1);
    const rise = await lossAt(name, by, STEP) - await lossAt(name, by, -STEP);
    const expected = rise / (2 * STEP);
    const actual = gradient.reduce((sum, x, i) => sum + x * by[i]!, 0);
    const unit = Math.max(Math.hypot(...gradient), 1e-3);
    const error = Math.abs(actual - expected) / unit;
    assert(error < 1e-6, `d ${name} is off by ${error}`);
  }
}

const PLAIN = { textLength: 4, aggregate: false, imageWeight: 0 };

Deno.test("denseProgram() has the gradients that finite differences give", async () => {
  const program = denseProgram(SIZES, PLAIN);
  const names = program.parameters.map(({ name }) => name);
  assert(names.includes("logit_scale"));
  assert(names.includes("adapters.1.fc2.weight"));
  assert.equal(names.some((name) => name.startsWith("text_")), false);
  await assertFiniteDifferences(program, IMAGES);
});

Deno.test("denseProgram() has them for whole images and aggregated patches too", async () => {
  const options = { ...PLAIN, aggregate: true, imageWeight: 0.7 };
  await assertFiniteDifferences(denseProgram(SIZES, options), {
    ...IMAGES,
    positive: numbers([2, 4], [0, 1, 0, 0, 0, 0, 0, 0]),
    negative: numbers([2, 4], [1, 0, 1, 0, 1, 1, 1, 1]),
  });
});

Deno.test("textProgram() has the gradients that finite differences give", async () => {
  const program = textProgram(SIZES.clip, 4);
  for (const { name } of program.parameters) assert.match(name, /^text_/);
  await assertFiniteDifferences(program, { ids: IDS });
});

Deno.test("patchTargets() leaves out patches with a little of a defect", () => {
  const mask = new Float32Array(2 * 64);
  mask[0] = 1; // 1 of 16 pixels of the first patch
  mask.fill(1, 4, 7); // 3 of 16 of the second one
  mask[64 + 63] = 1;
  mask[64 + 62] = 1; // 2 of 16 of the last one of the second image
  const { positive, negative } = patchTargets(mask, { side: 8, patch: 4 });
  assert.deepEqual([...positive], [0, 1, 0, 0, 0, 0, 0, 1]);
  assert.deepEqual([...negative], [0, 0, 1, 1, 1, 1, 1, 0]);
});
