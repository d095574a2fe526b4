import assert from "node:assert/strict";
import { mfpClipSizes } from "../../../lib/methods/mfp_clip/architecture.ts";
import { readWeight } from "../../../lib/checkpoint/safetensors.ts";
import type { WeightEntry } from "../../../lib/checkpoint/weights.ts";
import {
  type ModelDirectory,
  openModelDirectory,
} from "../../../lib/methods/model_directory.ts";
import { torchCopy } from "../../checkpoint/pytorch_archive.ts";
import { temporaryFolder } from "../../checkpoint/temporary.ts";
import { goldenModel, GOLDENS } from "../../golden/mfp_clip/golden.ts";
import { rewriteAsOpenai } from "../../golden/mfp_clip/openai_copy.ts";

const GOLDEN = GOLDENS.find(({ name }) => name === "gelu")!;
const TRACED = `${import.meta.dirname}/../../golden/pytorch/traced_clip.pt`;

/** The elements as the model's name means them. */
async function elements(entry: WeightEntry): Promise<Float32Array> {
  const data = await readWeight(entry);
  if (!entry.transposed) return data;
  const [rows = 1, columns = 1] = entry.shape;
  return data.map((_, i) => data[(i % rows) * columns + Math.floor(i / rows)]!);
}

async function assertSame(
  found: ModelDirectory,
  expected: ModelDirectory,
): Promise<void> {
  assert.deepEqual(mfpClipSizes(found), mfpClipSizes(expected));
  assert.deepEqual([...found.weights.keys()], [...expected.weights.keys()]);
  for (const [name, entry] of found.weights) {
    assert.equal(entry.strides, undefined, name);
    const values = await elements(expected.weights.get(name)!);
    assert.deepEqual(await elements(entry), values, name);
  }
}

/** Names of the files that hold the model, below its directory. */
function filesOf({ path, weights }: ModelDirectory): string[] {
  const files = new Set([...weights.values()].map(({ file }) => file));
  return [...files].map((file) => file.replace(`${path}/`, "")).toSorted();
}

Deno.test("openModelDirectory() uses PyTorch's archives where they lie", async () => {
  await using ours = await goldenModel(GOLDEN);
  await using theirs = await goldenModel(GOLDEN);
  const { path } = theirs;
  for (
    const [source, name] of [
      ["clip/model.safetensors", "clip/pytorch_model.bin"],
      ["resnet50.safetensors", "resnet50.pth"],
    ] as const
  ) {
    // As transformers' own conversion of OpenAI's models left it.
    const orders = { "text_projection.weight": [1, 0] };
    await torchCopy(`${path}/${source}`, { target: `${path}/${name}`, orders });
    await Deno.remove(`${path}/${source}`);
  }
  const found = await openModelDirectory(path);
  assert.deepEqual(filesOf(found), [
    "clip/pytorch_model.bin",
    "mfp_clip.safetensors",
    "resnet50.pth",
  ]);
  assert(found.weights.get("text_projection.weight")?.transposed);
  await assertSame(found, await openModelDirectory(ours.path));
});

Deno.test("openModelDirectory() copies what does not lie row by row", async () => {
  await using ours = await goldenModel(GOLDEN);
  await using theirs = await goldenModel(GOLDEN);
  await using cache = await temporaryFolder();
  const { path } = theirs;
  const source = `${path}/resnet50.safetensors`;
  const channelsLast = [0, 2, 3, 1];
  const orders = {
    "conv1.weight": channelsLast,
    "layer1.0.conv2.weight": channelsLast,
  };
  await torchCopy(source, { target: `${path}/resnet50.pth`, orders });
  await Deno.remove(source);
  await assert.rejects(openModelDirectory(path), {
    name: "ModelError",
    message: `Cannot load ${path} as tensor conv1.weight does not lie row by ` +
      "row and there is no cache folder to copy it to",
  });
  const options = { cacheFolder: cache.path };
  const found = await openModelDirectory(path, options);
  const copy = found.weights.get("conv1.weight")!.file;
  assert(copy.startsWith(cache.path));
  assert.equal(found.weights.get("layer1.0.conv2.weight")!.file, copy);
  assert.equal(found.weights.get("bn1.bias")!.file, `${path}/resnet50.pth`);
  await assertSame(found, await openModelDirectory(ours.path));
});

Deno.test("openModelDirectory() unpacks and copies OpenAI's packed projections", async () => {
  await using ours = await goldenModel(GOLDEN);
  await using theirs = await goldenModel(GOLDEN);
  await using cache = await temporaryFolder();
  const source = `${theirs.path}/clip/model.safetensors`;
  await rewriteAsOpenai(source);
  const packed = "visual.transformer.resblocks.1.attn.in_proj_weight";
  const target = `${theirs.path}/clip/open_clip_pytorch_model.bin`;
  await torchCopy(source, { target, orders: { [packed]: [1, 0] } });
  await Deno.remove(source);
  const options = { cacheFolder: cache.path };
  const found = await openModelDirectory(theirs.path, options);
  const layer = "vision_model.encoder.layers.1.self_attn";
  for (const letter of "qkv") {
    const { file } = found.weights.get(`${layer}.${letter}_proj.weight`)!;
    assert(file.startsWith(cache.path));
  }
  await assertSame(found, await openModelDirectory(ours.path));
});

Deno.test("openModelDirectory() opens shards", async () => {
  await using ours = await goldenModel(GOLDEN);
  await using theirs = await goldenModel(GOLDEN);
  const clip = `${theirs.path}/clip`;
  const shard = "model-00001-of-00001.safetensors";
  await Deno.rename(`${clip}/model.safetensors`, `${clip}/${shard}`);
  const expected = await openModelDirectory(ours.path);
  const names = [...expected.weights].filter(([, { file }]) =>
    file.includes("/clip/")
  );
  const weight_map = Object.fromEntries(names.map(([name]) => [name, shard]));
  await Deno.writeTextFile(
    `${clip}/model.safetensors.index.json`,
    JSON.stringify({ weight_map }),
  );
  await assertSame(await openModelDirectory(theirs.path), expected);
});

/** A tokenizer that fits the twenty tokens of the traced golden. */
async function writeTokenizer(folder: string): Promise<void> {
  const tokens = [..."abcdefghi"].flatMap((
    letter,
  ) => [letter, `${letter}</w>`]);
  const vocab = [...tokens, "<|startoftext|>", "<|endoftext|>"];
  const ids = Object.fromEntries(vocab.map((token, id) => [token, id]));
  await Deno.writeTextFile(`${folder}/vocab.json`, JSON.stringify(ids));
  await Deno.writeTextFile(`${folder}/merges.txt`, "#version: 0.2\n");
}

Deno.test("openModelDirectory() opens OpenAI's archive without a config.json", async () => {
  await using folder = await goldenModel(GOLDEN);
  const { path } = folder;
  await Deno.remove(`${path}/clip`, { recursive: true });
  await Deno.mkdir(`${path}/clip`);
  await writeTokenizer(`${path}/clip`);
  await Deno.copyFile(TRACED, `${path}/clip/ViT-L-14-336px.pt`);
  const options = {
    head: false,
    choices: { taps: [1], sp_stages: 1, image_size: 6 },
  };
  const { architecture, weights } = await openModelDirectory(path, options);
  assert.equal(architecture.clip.vision.hiddenAct, "quick_gelu");
  const query = "text_model.encoder.layers.0.self_attn.q_proj.weight";
  assert.deepEqual(weights.get(query)?.shape, [64, 64]);
  await Deno.copyFile(TRACED, `${path}/clip/another.pt`);
  await assert.rejects(openModelDirectory(path, options), {
    name: "ModelError",
    message: `Cannot load ${path}/clip as it must hold one checkpoint: there ` +
      "are ViT-L-14-336px.pt, another.pt",
  });
});
