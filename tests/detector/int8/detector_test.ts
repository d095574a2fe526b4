import assert from "node:assert/strict";
import {
  openSafetensors,
  readTensor,
} from "../../../lib/checkpoint/safetensors.ts";
import { writeSafetensors } from "../../../lib/checkpoint/write_safetensors.ts";
import { ModelError } from "../../../lib/checkpoint/model_error.ts";
import { Detector } from "../../../lib/detector/detector.ts";
import { renderSample } from "../../../lib/synthetic/render_sample.ts";

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

/**
 * Makes a few channels large in what the layers of a model read, by its layer
 * norms, and their columns small: in float32 the model stays as it is.
 */
async function plantOutliers(from: string, to: string): Promise<void> {
  await Deno.mkdir(`${to}/clip`, { recursive: true });
  for await (const { name, isFile } of Deno.readDir(from)) {
    if (isFile) await Deno.copyFile(`${from}/${name}`, `${to}/${name}`);
  }
  for await (const { name } of Deno.readDir(`${from}/clip`)) {
    await Deno.copyFile(`${from}/clip/${name}`, `${to}/clip/${name}`);
  }
  const file = await openSafetensors(`${from}/clip/model.safetensors`);
  const tensors = await Promise.all(
    [...file.tensors].map(async ([name, { shape }]) => {
      const data = await readTensor(file, name);
      return [name, {
        dtype: "F32",
        shape,
        data: planted(name, data, shape),
      }] as const;
    }),
  );
  await writeSafetensors(
    `${to}/clip/model.safetensors`,
    Object.fromEntries(tensors),
  );
}

const NORM = /^vision_model.*layer_norm[12]\.(weight|bias)$/;
const AFTER_NORM = /^vision_model.*([qkv]_proj|fc1)\.weight$/;

function planted(
  name: string,
  data: Float32Array,
  shape: readonly number[],
): Float32Array {
  const width = shape.at(-1)!;
  const factor = NORM.test(name) ? 40 : AFTER_NORM.test(name) ? 1 / 40 : 1;
  return data.map((value, i) => i % width < 3 ? value * factor : value);
}

Deno.test("Detector.detect() in int8 stays within 3 % of the map's range", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await using pair = await openBoth(NANO, folder);
    assert.equal(pair.int8.precision, "int8");
    await assertNear(pair);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("Detector.detect() in int8 withstands channels that are forty times larger", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await plantOutliers(NANO, `${folder}/model`);
    await using pair = await openBoth(`${folder}/model`, folder);
    await assertNear(pair);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("Detector.detect() in int8 finds the same in any batch", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await using pair = await openBoth(NANO, folder);
    const images = inputs(pair.int8, 3);
    const together = await pair.int8.detect(images);
    for (const [i, image] of images.entries()) {
      const [alone] = await pair.int8.detect([image]);
      assert.deepEqual(together[i]!.logitMap, alone!.logitMap);
      assert.equal(together[i]!.scoreLogit, alone!.scoreLogit);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
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
