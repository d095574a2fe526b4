import assert from "node:assert/strict";
import { ModelError } from "../../../lib/checkpoint/model_error.ts";
import { Detector } from "../../../lib/detector/detector.ts";
import { renderSample } from "../../../lib/synthetic/render_sample.ts";
import { plantOutliers, writeWideModel } from "./wide_model.ts";

const NANO = new URL("../../../models/nano", import.meta.url).pathname;
const CATEGORIES = ["nut", "wood", "cable"];

interface Pair extends AsyncDisposable {
  readonly float: Detector;
  readonly int8: Detector;
}

/** A model in both precisions. */
async function openBoth(path: string, cacheFolder: string): Promise<Pair> {
  const options = { categories: CATEGORIES, threads: 1, sessions: 1 };
  const float = await Detector.open(path, options);
  const int8 = await Detector.open(path, {
    ...options,
    precision: "int8",
    cacheFolder,
  });
  return {
    float,
    int8,
    async [Symbol.asyncDispose]() {
      await float.close();
      await int8.close();
    },
  };
}

function inputs(detector: Detector, count: number) {
  return Array.from({ length: count }, (_, index) => {
    const category = CATEGORIES[index % CATEGORIES.length]!;
    const { image } = renderSample({ category, index, seed: 2, side: 128 });
    return { pixels: detector.preprocess(image), category };
  });
}

/** Largest difference of two maps, as a part of the range of the first. */
function distance(a: Float32Array, b: Float32Array): number {
  let [least, most, far] = [Infinity, -Infinity, 0];
  a.forEach((value, i) => {
    least = Math.min(least, value);
    most = Math.max(most, value);
    far = Math.max(far, Math.abs(value - b[i]!));
  });
  return far / (most - least);
}

async function assertNear({ float, int8 }: Pair): Promise<void> {
  for (const input of inputs(float, 3)) {
    const [exact] = await float.detect([input]);
    const [found] = await int8.detect([input]);
    const part = distance(exact!.logitMap, found!.logitMap);
    assert(part > 0);
    assert(part < 0.03, `${input.category}: ${part}`);
  }
}

/** Makes a folder, and removes it afterwards. */
async function inFolder(work: (path: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("Detector.detect() in int8 stays within 3 % of the map's range", async () => {
  await inFolder(async (folder) => {
    await writeWideModel(`${folder}/model`);
    await using pair = await openBoth(`${folder}/model`, folder);
    assert.equal(pair.int8.precision, "int8");
    await assertNear(pair);
  });
});

Deno.test("Detector.detect() in int8 withstands channels that are forty times larger", async () => {
  await inFolder(async (folder) => {
    await writeWideModel(`${folder}/model`, 2);
    await plantOutliers(`${folder}/model`);
    await using pair = await openBoth(`${folder}/model`, folder);
    await assertNear(pair);
  });
});

Deno.test("Detector.detect() in int8 finds the same in any batch", async () => {
  await inFolder(async (folder) => {
    await writeWideModel(`${folder}/model`);
    await using pair = await openBoth(`${folder}/model`, folder);
    const images = inputs(pair.int8, 3);
    const together = await pair.int8.detect(images);
    for (const [i, image] of images.entries()) {
      const [alone] = await pair.int8.detect([image]);
      assert.deepEqual(together[i]!.logitMap, alone!.logitMap);
      assert.equal(together[i]!.scoreLogit, alone!.scoreLogit);
    }
  });
});

Deno.test("Detector.detect() in int8 leaves a narrow model in float32, and says so", async () => {
  const warnings: string[] = [];
  const options = { threads: 1, categories: CATEGORIES };
  await using float = await Detector.open(NANO, options);
  await using int8 = await Detector.open(NANO, {
    ...options,
    precision: "int8",
    onWarning: (warning) => warnings.push(warning),
  });
  assert.equal(int8.precision, "f32");
  const images = inputs(float, 1);
  const [expected] = await float.detect(images);
  const [found] = await int8.detect(images);
  assert.deepEqual(found!.logitMap, expected!.logitMap);
  assert.equal(warnings.filter((text) => text.includes("f32")).length, 1);
});

Deno.test("Detector.open() refuses int8 on a provider without it", async () => {
  const options = { precision: "int8", provider: "webgpu" } as const;
  await assert.rejects(
    Detector.open(NANO, options),
    new ModelError(
      `Cannot run ${NANO} in int8 as the provider must be cpu: current value ` +
        `is webgpu`,
    ),
  );
});
