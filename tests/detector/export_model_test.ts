import assert from "node:assert/strict";
import { Detector } from "../../lib/detector/detector.ts";
import { exportModel } from "../../lib/detector/export_model.ts";
import { decodeImage } from "../../lib/image/decode.ts";
import { OnnxSession } from "../../lib/onnx/session.ts";
import { float32 } from "../../lib/onnx/tensor.ts";
import { temporaryFolder } from "../checkpoint/temporary.ts";
import { assertNumbers, numbers } from "../contract/numbers.ts";
import { GOLDEN_IMAGES, goldenModel } from "../golden/mfp_clip/golden.ts";
import { goldenNamed } from "../methods/mfp_clip/goldens.ts";

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
      image: { type: "uint8", shape: [side, side, 3], data: pixels },
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
