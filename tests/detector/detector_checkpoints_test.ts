import assert from "node:assert/strict";
import { Detector } from "../../lib/detector/detector.ts";
import { decodeImage } from "../../lib/image/decode.ts";
import { torchCopy } from "../checkpoint/pytorch_archive.ts";
import { temporaryFolder } from "../checkpoint/temporary.ts";
import {
  GOLDEN_IMAGES,
  goldenModel,
  GOLDENS,
} from "../golden/mfp_clip/golden.ts";

const GOLDEN = GOLDENS.find(({ name }) => name === "gelu")!;

/** Stored column by column, channels last and with odd dimensions first. */
const ORDERS = {
  "text_projection.weight": [1, 0],
  "vision_model.encoder.layers.0.mlp.fc1.weight": [1, 0],
  "vision_model.embeddings.patch_embedding.weight": [0, 2, 3, 1],
  "conv1.weight": [0, 2, 3, 1],
  "layer1.0.conv2.weight": [3, 0, 2, 1],
};

Deno.test("Detector sees the same with PyTorch's archives", async () => {
  await using ours = await goldenModel(GOLDEN);
  await using theirs = await goldenModel(GOLDEN);
  await using cache = await temporaryFolder();
  for (
    const [source, target] of [
      ["clip/model.safetensors", "clip/pytorch_model.bin"],
      ["resnet50.safetensors", "resnet50.pth"],
    ]
  ) {
    const path = `${theirs.path}/${source}`;
    await torchCopy(path, {
      target: `${theirs.path}/${target}`,
      orders: ORDERS,
    });
    await Deno.remove(path);
  }
  const image = await decodeImage(await Deno.readFile(GOLDEN_IMAGES[0]!));
  const detect = async (path: string) => {
    const options = { cacheFolder: cache.path };
    await using detector = await Detector.open(path, options);
    const pixels = detector.preprocess(image);
    const [found] = await detector.detect([{ pixels, category: "wood" }]);
    return [found!.scoreLogit, found!.logitMap];
  };
  assert.deepEqual(await detect(theirs.path), await detect(ours.path));
});
