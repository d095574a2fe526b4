import assert from "node:assert/strict";
import { Detector } from "../../lib/detector/detector.ts";
import { calibrateProducts } from "../../lib/evaluation/calibrate_products.ts";
import { assertNumbers, type Numbers, numbers } from "../contract/numbers.ts";
import {
  ADA_CLIP_GOLDENS,
  APRIL_GAN_GOLDENS,
  type PromptedGolden,
  promptedModel,
  WINCLIP_GOLDENS,
} from "../golden/prompted_clips/golden.ts";
import { expectedFewShot, goodPhotographs, imagesOf } from "./few_shot.ts";
import { photographBytes } from "./prompted.ts";

async function detected(
  detector: Detector,
  { golden, rgb }: { golden: PromptedGolden; rgb: Numbers },
) {
  const category = golden.categories[0]!;
  return await detector.detect(
    imagesOf(rgb).map(({ data: pixels }) => ({ pixels, category })),
  );
}

for (const golden of [...WINCLIP_GOLDENS, ...APRIL_GAN_GOLDENS]) {
  Deno.test(`Detector.learn() compares images as published: ${golden.method} ${golden.name}`, async () => {
    await using folder = await promptedModel(golden);
    await using detector = await Detector.open(folder.path, { threads: 1 });
    const rgb = await photographBytes(golden.side);
    const category = golden.categories[0]!;
    const good = imagesOf(goodPhotographs(rgb));
    const learned = await detector.learn(category, good);
    assert.equal(learned.images, 2);
    assert.equal(detector.leftOut(category), undefined);
    assert.match(detector.scoring.score_rule, /good images$/);
    const found = await detected(detector, { golden, rgb });
    const { map, score } = await expectedFewShot(golden);
    const maps = found.flatMap(({ anomalyMap }) => Array.from(anomalyMap));
    const scores = found.map(({ imageScore }) => imageScore);
    const tolerance = 1e-4;
    assertNumbers(numbers(map.shape, maps), map, { tolerance, label: "map" });
    assertNumbers(numbers([3], scores), score, { tolerance, label: "score" });

    await using other = await Detector.open(folder.path, { threads: 1 });
    const file = detector.memory(category)!;
    await other.remember(file, "nut.safetensors");
    const [first] = await detected(other, { golden, rgb });
    assert.deepEqual(first!.anomalyMap, found[0]!.anomalyMap);
    assert.equal(first!.scoreLogit, found[0]!.scoreLogit);
  });
}

const [WINCLIP] = WINCLIP_GOLDENS as [PromptedGolden];
const [APRIL_GAN] = APRIL_GAN_GOLDENS as [PromptedGolden];
const [ADA_CLIP] = ADA_CLIP_GOLDENS as [PromptedGolden];

Deno.test("Detector.remember() refuses banks of another method, and damaged ones", async () => {
  await using own = await promptedModel(WINCLIP);
  await using foreign = await promptedModel(APRIL_GAN);
  await using detector = await Detector.open(own.path, { threads: 1 });
  await using other = await Detector.open(foreign.path, { threads: 1 });
  const [image] = imagesOf(await photographBytes(42));
  await detector.learn("nut", [image!]);
  await other.learn("nut", [image!]);
  const message =
    /^Cannot load nut as it must hold banks of .*windows\.2.*patches\.1/;
  await assert.rejects(
    detector.remember(other.memory("nut")!, "nut"),
    { name: "ModelError", message },
  );
  const file = detector.memory("nut")!;
  await assert.rejects(detector.remember(file.slice(0, -4), "nut"), {
    name: "ModelError",
    message: /^Cannot load nut as /,
  });
});

Deno.test("Detector.learn() refuses a method that compares nothing", async () => {
  await using folder = await promptedModel(ADA_CLIP);
  await using detector = await Detector.open(folder.path, { threads: 1 });
  const [image] = imagesOf(await photographBytes(42));
  await assert.rejects(detector.learn("nut", [image!]), {
    name: "ModelError",
    message: /must have patches to compare: current method is AdaCLIP$/,
  });
});

for (const golden of [WINCLIP, APRIL_GAN]) {
  Deno.test(`calibrateProducts() compares good images with the other ones as published: ${golden.method}`, async () => {
    await using folder = await promptedModel(golden);
    const options = { threads: 1, learns: true };
    await using detector = await Detector.open(folder.path, options);
    const seen = imagesOf(await photographBytes(golden.side));
    const good = [
      ...seen,
      ...imagesOf(goodPhotographs(await photographBytes(golden.side))),
    ];
    const samples = good.map((image, i) => ({
      key: `${i}`,
      category: "nut",
      label: 0 as const,
      defect: null,
      image: () => Promise.resolve(image),
      mask: null,
    }));
    const dataSet = {
      name: "good",
      categories: ["nut"],
      size: good.length,
      async *samples() {
        yield* samples;
      },
    };
    const products = await calibrateProducts({ detector, good: dataSet }, {
      target: { false_alarms: 0.2 },
      bitDepth: 16,
    });
    const { found, memory } = products.get("nut")!;
    assert(memory !== null);
    // Each is scored as it is by a detector that has learned the other ones.
    const expected: number[] = [];
    for (const i of good.keys()) {
      await detector.learn("nut", good.toSpliced(i, 1));
      const [image] = good.slice(i);
      const input = { pixels: image!.data, category: "nut" };
      const [detection] = await detector.detect([input]);
      expected.push(detection!.scoreLogit);
    }
    assert.deepEqual(
      found.good_scores.map((score) => score.toFixed(4)),
      expected.sort((a, b) => a - b).map((score) => score.toFixed(4)),
    );
    const few = {
      ...dataSet,
      size: 3,
      async *samples() {
        yield* samples.slice(0, 3);
      },
    };
    await assert.rejects(
      calibrateProducts({ detector, good: few }, {
        target: { false_alarms: 0.2 },
        bitDepth: 16,
      }),
      /at least 4 good images: current value is 3, of "nut"/,
    );
  });
}
