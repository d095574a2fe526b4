/**
 * Goldens of methods that read many sentences, as a user runs them: from image
 * files, and exported.
 *
 * @module
 */
import { Detector, type DetectorOptions } from "../../lib/detector/detector.ts";
import { exportModel } from "../../lib/detector/export_model.ts";
import { decodeImage } from "../../lib/image/decode.ts";
import { OnnxSession } from "../../lib/onnx/session.ts";
import { float32 } from "../../lib/onnx/tensor.ts";
import { temporaryFolder } from "../checkpoint/temporary.ts";
import { assertNumbers, numbers } from "../contract/numbers.ts";
import { GOLDEN_IMAGES } from "../golden/mfp_clip/golden.ts";
import {
  type PromptedGolden,
  promptedModel,
} from "../golden/prompted_clips/golden.ts";
import { expectedPrompted } from "./prompted.ts";

/**
 * Asserts that a detector scores image files as the specification does.
 *
 * @param divisor The published map divided by this is M.
 * @param options How maps are smoothed.
 */
export async function assertScoresFiles(
  golden: PromptedGolden,
  divisor: number,
  options: Pick<DetectorOptions, "smooth"> = {},
): Promise<void> {
  await using folder = await promptedModel(golden);
  await using detector = await Detector.open(folder.path, {
    threads: 1,
    ...options,
  });
  const category = golden.categories[0]!;
  const names = ["map", "score"];
  const { map, score } = await expectedPrompted(golden, category, names);
  const size = map!.data.length / 3;
  for (const [i, path] of GOLDEN_IMAGES.entries()) {
    const found = await detector.score(path, { category });
    const expected = Array.from(map!.data).slice(i * size, (i + 1) * size);
    const { width, height, data } = found.map;
    assertNumbers(
      numbers([height, width], data),
      numbers(map!.shape.slice(1), expected.map((x) => x / divisor)),
      { tolerance: 1e-3, label: path },
    );
    assertNumbers(
      numbers([1], [found.score]),
      numbers([1], [score!.data[i]!]),
      { tolerance: 1e-3, label: path },
    );
  }
}

/** Asserts that an exported model computes what the detector does. */
export async function assertExports(
  golden: PromptedGolden,
  tolerance = 1e-5,
): Promise<void> {
  await using folder = await promptedModel(golden);
  await using out = await temporaryFolder();
  const category = golden.categories[0]!;
  await exportModel(folder.path, out.path, { category });
  await using detector = await Detector.open(folder.path, { threads: 1 });
  const image = await decodeImage(await Deno.readFile(GOLDEN_IMAGES[0]!));
  const pixels = detector.preprocess(image);
  const [expected] = await detector.detect([{ pixels, category }]);
  const model = await Deno.readFile(`${out.path}/model.onnx`);
  const options = { weightsFolder: out.path, threads: 1 };
  await using session = await OnnxSession.create(model, options);
  // At the model's own size there is nothing to resize.
  const shape = [1, golden.side, golden.side, 3];
  const feeds = { image: { type: "uint8", shape, data: pixels } } as const;
  const { outputs } = await session.run(feeds);
  const { anomalyMap, imageScore } = expected!;
  for (
    const [name, data] of [["map", anomalyMap], ["score", [
      imageScore,
    ]]] as const
  ) {
    const wanted = numbers([data.length], data);
    const found = numbers([data.length], float32(outputs, name));
    assertNumbers(found, wanted, { tolerance, label: name });
  }
}
