import assert from "node:assert/strict";
import { Detector } from "../../lib/detector/detector.ts";
import { exportModel } from "../../lib/detector/export_model.ts";
import { OnnxSession } from "../../lib/onnx/session.ts";
import { float32 } from "../../lib/onnx/tensor.ts";
import { assertNumbers, numbers } from "../contract/numbers.ts";
import {
  APRIL_GAN_GOLDENS,
  promptedModel,
  WINCLIP_GOLDENS,
} from "../golden/prompted_clips/golden.ts";
import { metadataOf, operatorDomains } from "../onnx/read_model.ts";
import { temporaryFolder } from "../checkpoint/temporary.ts";
import { goodPhotographs, imagesOf } from "./few_shot.ts";
import { photographBytes } from "./prompted.ts";

for (const golden of [...WINCLIP_GOLDENS, ...APRIL_GAN_GOLDENS]) {
  Deno.test(`exportModel() compares with good images as published: ${golden.method} ${golden.name}`, async () => {
    await using folder = await promptedModel(golden);
    await using out = await temporaryFolder();
    await using detector = await Detector.open(folder.path, { threads: 1 });
    const rgb = await photographBytes(golden.side);
    const category = golden.categories[0]!;
    await detector.learn(category, imagesOf(goodPhotographs(rgb)));
    const good = {
      path: "the profile",
      memory: detector.memory(category)!,
      prompts: detector.promptOf(category),
      threshold: 1.5,
      pixelThreshold: 0.5,
    };
    const { side } = await exportModel(folder.path, out.path, {
      category,
      good,
    });
    const model = await Deno.readFile(`${out.path}/model.onnx`);
    assert.deepEqual(operatorDomains(model), []);
    assert.equal(metadataOf(model).good_images, "2");
    await using session = await OnnxSession.create(model, {
      weightsFolder: out.path,
      threads: 1,
    });
    const { outputs } = await session.run({
      image: {
        type: "uint8",
        shape: rgb.shape,
        data: Uint8Array.from(Array.from(rgb.data)),
      },
    });
    const found = await detector.detect(
      imagesOf(rgb).map(({ data: pixels }) => ({ pixels, category })),
    );
    const shape = [found.length, side, side];
    const maps = found.flatMap(({ anomalyMap }) => Array.from(anomalyMap));
    assertNumbers(
      numbers(shape, float32(outputs, "map")),
      numbers(shape, maps),
      { tolerance: 1e-4, label: "map" },
    );
    const scores = found.map(({ imageScore }) => imageScore);
    assertNumbers(
      numbers([scores.length], float32(outputs, "score")),
      numbers([scores.length], scores),
      { tolerance: 1e-4, label: "score" },
    );
  });
}
