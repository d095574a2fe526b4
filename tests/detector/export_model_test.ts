import assert from "node:assert/strict";
import { basename } from "node:path";
import { Detector } from "../../lib/detector/detector.ts";
import {
  EXPORT_TOLERANCE,
  exportModel,
  type ExportOperators,
} from "../../lib/detector/export_model.ts";
import { decodeImage } from "../../lib/image/decode.ts";
import { OnnxSession } from "../../lib/onnx/session.ts";
import { float32 } from "../../lib/onnx/tensor.ts";
import { VERSION } from "../../lib/version.ts";
import { temporaryFolder } from "../checkpoint/temporary.ts";
import { assertNumbers, numbers } from "../contract/numbers.ts";
import { GOLDEN_IMAGES, goldenModel } from "../golden/mfp_clip/golden.ts";
import { goldenNamed } from "../methods/mfp_clip/goldens.ts";
import {
  metadataOf,
  operatorDomains,
  operatorSets,
  operatorTypes,
} from "../onnx/read_model.ts";

for (const name of ["feature", "no_i2tp"]) {
  Deno.test(`exportModel() writes what Detector computes for ${name}`, async () => {
    await using folder = await goldenModel(goldenNamed(name));
    await using out = await temporaryFolder();
    const category = "metal_nut";
    const { side } = await exportModel(folder.path, out.path, { category });
    await using detector = await Detector.open(folder.path, { threads: 1 });
    const image = await decodeImage(await Deno.readFile(GOLDEN_IMAGES[0]!));
    const pixels = detector.preprocess(image);
    const [expected] = await detector.detect([{ pixels, category }]);
    await using session = await OnnxSession.create(
      await Deno.readFile(`${out.path}/model.onnx`),
      { weightsFolder: out.path, threads: 1 },
    );
    // At the model's own size there is nothing to resize.
    const { outputs } = await session.run({
      image: { type: "uint8", shape: [1, side, side, 3], data: pixels },
    });
    assertNumbers(
      numbers([side * side], float32(outputs, "map")),
      numbers([side * side], expected!.anomalyMap),
      { tolerance: 1e-5 },
    );
    const [score] = float32(outputs, "score");
    assert(Math.abs(score! - expected!.imageScore) < 1e-5);
  });
}

Deno.test("exportModel() leaves out the text tower where its features are fixed", async () => {
  await using folder = await goldenModel(goldenNamed("no_i2tp"));
  await using out = await temporaryFolder();
  await exportModel(folder.path, out.path);
  const model = await Deno.readFile(`${out.path}/model.onnx`);
  const names = new TextDecoder("latin1").decode(model);
  assert(names.includes("vision_model.encoder.layers.0"));
  assert(!names.includes("text_model"));
});

Deno.test("exportModel() resizes images of any size, many at a time", async () => {
  await using folder = await goldenModel(goldenNamed("feature"));
  await using out = await temporaryFolder();
  await exportModel(folder.path, out.path, { category: "wood" });
  await using detector = await Detector.open(folder.path, { threads: 1 });
  const image = await decodeImage(await Deno.readFile(GOLDEN_IMAGES[0]!));
  const { width, height, data } = image;
  const dark = { width, height, data: data.map((value) => value >> 1) };
  await using session = await OnnxSession.create(
    await Deno.readFile(`${out.path}/model.onnx`),
    { weightsFolder: out.path, threads: 1 },
  );
  const { outputs } = await session.run({
    image: {
      type: "uint8",
      shape: [2, height, width, 3],
      data: Uint8Array.from([...dark.data, ...data]),
    },
  });
  const maps = float32(outputs, "map");
  const size = maps.length / 2;
  for (const [i, pixels] of [dark, image].entries()) {
    const found = await detector.score(pixels, { category: "wood" });
    assertNumbers(
      numbers([size], maps.subarray(i * size, (i + 1) * size)),
      numbers([size], found.map.data),
      { tolerance: EXPORT_TOLERANCE.f32, label: `image ${i}` },
    );
  }
});

Deno.test("exportModel() writes operators of the ONNX standard alone, unless others are asked for", async () => {
  await using folder = await goldenModel(goldenNamed("feature"));
  await using out = await temporaryFolder();
  const read = async (operators?: ExportOperators) => {
    await exportModel(folder.path, out.path, { operators });
    return await Deno.readFile(`${out.path}/model.onnx`);
  };
  const standard = await read();
  assert.deepEqual(operatorDomains(standard), []);
  assert.deepEqual(operatorSets(standard), [""]);
  // Older runtimes cannot resize as Pillow does.
  assert(!operatorTypes(standard).includes("Resize"));
  const fused = await read("onnxruntime");
  assert.deepEqual(operatorDomains(fused), ["com.microsoft"]);
  assert.deepEqual(operatorSets(fused), ["", "com.microsoft"]);
});

Deno.test("exportModel() says in the model what made it", async () => {
  await using folder = await goldenModel(goldenNamed("no_i2tp"));
  await using out = await temporaryFolder();
  const { sentences } = await exportModel(folder.path, out.path, {
    category: "metal_nut",
    precision: "f16",
  });
  const model = await Deno.readFile(`${out.path}/model.onnx`);
  assert.deepEqual(metadataOf(model), {
    model: basename(folder.path),
    method: "mfp-clip",
    product: "metal_nut",
    prompts: JSON.stringify(sentences),
    version: VERSION,
    precision: "f16",
    tolerance: `${EXPORT_TOLERANCE.f16}`,
  });
});

Deno.test("exportModel() compares with the good images of a memory, and names the thresholds", async () => {
  await using folder = await goldenModel(goldenNamed("feature"));
  await using out = await temporaryFolder();
  const category = "wood";
  await using detector = await Detector.open(folder.path, { threads: 1 });
  const images = await Promise.all(
    GOLDEN_IMAGES.slice(0, 3).map(async (path) =>
      await decodeImage(await Deno.readFile(path))
    ),
  );
  const { sha256 } = await detector.learn(category, images.slice(0, 2));
  const good = {
    path: "the profile",
    memory: detector.memory(category)!,
    prompts: detector.promptOf(category),
    threshold: 1.5,
    pixelThreshold: 0.5,
  };
  const { side } = await exportModel(folder.path, out.path, { category, good });
  const model = await Deno.readFile(`${out.path}/model.onnx`);
  assert.deepEqual(operatorDomains(model), []);
  const { threshold, pixel_threshold, good_images, good_sha256 } = metadataOf(
    model,
  );
  assert.deepEqual([threshold, pixel_threshold], ["1.5", "0.5"]);
  assert.deepEqual([good_images, good_sha256], ["2", sha256]);
  await using session = await OnnxSession.create(model, {
    weightsFolder: out.path,
    threads: 1,
  });
  const pixels = images.slice(1).map((image) => detector.preprocess(image));
  const data = Uint8Array.from(pixels.flatMap((some) => [...some]));
  const shape = [2, side, side, 3];
  const { outputs } = await session.run({
    image: { type: "uint8", shape, data },
  });
  const expected = await detector.detect(
    pixels.map((some) => ({ pixels: some, category })),
  );
  const size = side * side;
  for (const [i, { logitMap, scoreLogit }] of expected.entries()) {
    const map = float32(outputs, "logit_map").subarray(
      i * size,
      (i + 1) * size,
    );
    assertNumbers(numbers([size], map), numbers([size], logitMap), {
      tolerance: EXPORT_TOLERANCE.f32,
    });
    const logit = float32(outputs, "score_logit")[i]!;
    assert(Math.abs(logit - scoreLogit) < EXPORT_TOLERANCE.f32);
  }
  const prompts = detector.promptOf("metal_nut");
  await assert.rejects(
    exportModel(folder.path, out.path, {
      category,
      good: { ...good, prompts },
    }),
    { name: "ModelError", message: /prompts must be those it was calibrated/ },
  );
});
