import assert from "node:assert/strict";
import { ModelError } from "../../../lib/checkpoint/model_error.ts";
import {
  EXPORT_TOLERANCE,
  exportModel,
} from "../../../lib/detector/export_model.ts";
import { Detector } from "../../../lib/detector/detector.ts";
import { OnnxSession } from "../../../lib/onnx/session.ts";
import { float32 } from "../../../lib/onnx/tensor.ts";
import { renderSample } from "../../../lib/synthetic/render_sample.ts";
import { temporaryFolder } from "../../checkpoint/temporary.ts";
import { writeWideModel } from "./wide_model.ts";

const NANO = new URL("../../../models/nano", import.meta.url).pathname;
const category = "nut";

Deno.test("exportModel() in int8 writes what Detector computes in int8", async () => {
  await using folder = await temporaryFolder();
  const model = `${folder.path}/model`;
  await writeWideModel(model);
  const int8 = { precision: "int8", cacheFolder: folder.path } as const;
  const out = `${folder.path}/out`;
  const { side } = await exportModel(model, out, { category, ...int8 });
  await using detector = await Detector.open(model, { threads: 1, ...int8 });
  const { image } = renderSample({ category, index: 0, seed: 2, side: 128 });
  const pixels = detector.preprocess(image);
  const [expected] = await detector.detect([{ pixels, category }]);
  await using session = await OnnxSession.create(
    await Deno.readFile(`${out}/model.onnx`),
    { weightsFolder: out, threads: 1 },
  );
  const shape = [1, detector.side, detector.side, 3];
  const { outputs } = await session.run({
    image: { type: "uint8", shape, data: pixels },
  });
  const map = float32(outputs, "map");
  assert.equal(map.length, side * side);
  map.forEach((value, i) =>
    assert(Math.abs(value - expected!.anomalyMap[i]!) < EXPORT_TOLERANCE.int8)
  );
});

Deno.test("exportModel() refuses int8 where no layer is wide enough", async () => {
  await using folder = await temporaryFolder();
  await assert.rejects(
    exportModel(NANO, folder.path, { category, precision: "int8" }),
    new ModelError(
      "Cannot export a model in int8 as its layers must be wide enough to " +
        "save time: none is",
    ),
  );
  assert.deepEqual([...Deno.readDirSync(folder.path)], []);
});
