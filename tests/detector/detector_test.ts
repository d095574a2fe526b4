import assert from "node:assert/strict";
import { Held } from "../contract/collected.ts";
import { listSupportedBackends } from "onnxruntime-node";
import { ModelError } from "../../lib/checkpoint/model_error.ts";
import {
  type Detection,
  Detector,
  type DetectorInput,
  type DetectorOptions,
} from "../../lib/detector/detector.ts";
import { decodeImage } from "../../lib/image/decode.ts";
import {
  assertNumbers,
  type NamedNumbers,
  type Numbers,
  numbers,
} from "../contract/numbers.ts";
import {
  type Golden,
  GOLDEN_IMAGES,
  goldenModel,
} from "../golden/mfp_clip/golden.ts";
import { expectedOf, goldenNamed } from "../methods/mfp_clip/goldens.ts";

const FEATURE = goldenNamed("feature");

/** A detector whose model is removed at the end of the scope. */
async function open(
  golden: Golden,
  options: DetectorOptions = {},
): Promise<AsyncDisposable & { detector: Detector; path: string }> {
  const folder = await goldenModel(golden);
  const detector = await Detector.open(folder.path, { threads: 1, ...options });
  return {
    detector,
    path: folder.path,
    async [Symbol.asyncDispose]() {
      await detector.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

async function photographs(
  detector: Detector,
  categories: readonly string[],
): Promise<DetectorInput[]> {
  return await Promise.all(categories.map(async (category, i) => {
    const bytes = await Deno.readFile(GOLDEN_IMAGES[i]!);
    const pixels = detector.preprocess(await decodeImage(bytes));
    return { pixels, category };
  }));
}

/** One image's part of expected numbers [3, ...]. */
function part({ shape: [, ...rest], data }: Numbers, i: number): Numbers {
  const size = rest.reduce((product, n) => product * n, 1);
  return numbers([size], Array.from(data).slice(i * size, (i + 1) * size));
}

function assertDetection(
  found: Detection,
  expected: NamedNumbers,
  { i, tolerance }: { i: number; tolerance: number },
): void {
  const { anomalyMap: map, logitMap, imageScore, scoreLogit } = found;
  const seen = { map, score: [imageScore] };
  const logits = { logit_map: logitMap, score_logit: [scoreLogit] };
  for (const [label, data] of Object.entries({ ...seen, ...logits })) {
    assertNumbers(numbers([data.length], data), part(expected[label]!, i), {
      // Logits vary with M by 1 / (M (1 - M)), which is below 10 here.
      tolerance: label in seen ? tolerance : 10 * tolerance,
      label: `image ${i}: ${label}`,
    });
  }
}

Deno.test("Detector sees in image files what the specification sees", async () => {
  for (const name of ["feature", "scale"]) {
    const golden = goldenNamed(name);
    const categories = Array(3).fill(golden.categories[0]);
    await using opened = await open(golden, { categories });
    const { detector } = opened;
    assert.equal(detector.side, golden.side);
    const expected = await expectedOf(golden, categories[0]);
    const found = await detector.detect(
      await photographs(detector, categories),
    );
    assert.equal(found.length, 3);
    for (const [i, detection] of found.entries()) {
      assertDetection(detection, expected, { i, tolerance: 1e-4 });
      assert(detection.milliseconds > 0);
    }
  }
});

Deno.test("Detector at f16 with smoothing answers in float32", async () => {
  const categories = Array(3).fill("metal_nut");
  const options = { categories, precision: "f16", smooth: 2 } as const;
  await using opened = await open(goldenNamed("no_mp"), options);
  const { detector } = opened;
  const expected = await expectedOf(goldenNamed("no_mp"), "metal_nut");
  const found = await detector.detect(await photographs(detector, categories));
  for (const [i, { anomalyMap, imageScore }] of found.entries()) {
    const wanted = expected.score!.data[i]!;
    assert(Math.abs(imageScore - wanted) < 0.02);
    assert(Math.max(...anomalyMap) < imageScore);
    assert.equal(anomalyMap.length, detector.side ** 2);
  }
});

Deno.test("Detector.detect() mixes categories and loads again for longer names", async () => {
  await using late = await open(FEATURE, { categories: ["wood"] });
  const { detector } = late;
  const [first] = await photographs(detector, ["wood"]);
  await detector.detect([first!]);
  const mixed = await photographs(detector, ["metal_nut", "wood"]);
  const found = await detector.detect(mixed);
  for (const [i, { category }] of mixed.entries()) {
    const expected = await expectedOf(FEATURE, category);
    assertDetection(found[i]!, expected, { i, tolerance: 1e-4 });
  }
  await using early = await open(FEATURE, {
    categories: ["metal_nut", "wood"],
  });
  const again = await early.detector.detect(mixed);
  for (const [i, { anomalyMap }] of again.entries()) {
    const reloaded = numbers([anomalyMap.length], found[i]!.anomalyMap);
    const opened = numbers([anomalyMap.length], anomalyMap);
    assertNumbers(reloaded, opened, { tolerance: 0 });
  }
  assert.deepEqual(detector.promptOf("metal_nut"), {
    normal: ["A photo of a normal metal nut"],
    abnormal: ["A photo of a abnormal metal nut"],
  });
});

Deno.test("Detector.detect() reads text once where no image changes it", async () => {
  const golden = goldenNamed("no_i2tp");
  await using opened = await open(golden, { categories: ["wood"] });
  const { detector } = opened;
  // The second category has longer sentences than the first.
  const categories = [...golden.categories, golden.categories[0]!].slice(0, 3);
  const inputs = await photographs(detector, categories);
  const [together, alone] = await Promise.all([
    detector.detect(inputs),
    detector.detect(inputs.slice(1, 2)),
  ]);
  for (const [i, category] of categories.entries()) {
    const expected = await expectedOf(golden, category);
    assertDetection(together[i]!, expected, { i, tolerance: 1e-4 });
  }
  const expected = await expectedOf(golden, categories[1]!);
  assertDetection(alone[0]!, expected, { i: 1, tolerance: 1e-4 });
});

Deno.test("Detector.detect() answers the same from sessions side by side", async () => {
  const categories = Array(3).fill("metal_nut");
  await using single = await open(FEATURE, { categories });
  await using several = await open(FEATURE, {
    categories,
    threads: 3,
    sessions: 0,
  });
  assert.equal(single.detector.sessions, 1);
  assert.equal(several.detector.sessions, 3);
  const images = await photographs(several.detector, categories);
  const found = await Promise.all(
    images.map((image) => several.detector.detect([image])),
  );
  for (const [i, [detection]] of found.entries()) {
    const [expected] = await single.detector.detect([images[i]!]);
    assert.deepEqual(detection!.logitMap, expected!.logitMap);
    assert.equal(detection!.imageScore, expected!.imageScore);
  }
});

Deno.test("Detector.detect() keeps nothing of images that were answered", async () => {
  await using opened = await open(FEATURE, { categories: ["metal_nut"] });
  const { detector } = opened;
  const [image] = await photographs(detector, ["metal_nut"]);
  const held = new Held();
  for (let i = 0; i < 20; i++) {
    const [detection] = await detector.detect([image!]);
    held.add(detection!.anomalyMap.buffer);
  }
  // The last one may still lie on the stack.
  assert(await held.count() <= 1);
});

Deno.test("Detector.detect() may be called while it loads again", async () => {
  await using opened = await open(FEATURE, { categories: ["wood"] });
  const { detector } = opened;
  const [wood, nut] = [
    await photographs(detector, ["wood"]),
    await photographs(detector, ["metal_nut"]),
  ];
  const runs = [wood, nut, wood].map((inputs) => detector.detect(inputs));
  const [first, second, third] = await Promise.all(runs);
  const expected = {
    wood: await expectedOf(FEATURE, "wood"),
    nut: await expectedOf(FEATURE, "metal_nut"),
  };
  const options = { i: 0, tolerance: 1e-4 };
  assertDetection(first![0]!, expected.wood, options);
  assertDetection(second![0]!, expected.nut, options);
  assertDetection(third![0]!, expected.wood, options);
});

Deno.test("Detector.detect() refuses pixels of another size, and goes on", async () => {
  await using opened = await open(FEATURE, { categories: ["wood"] });
  const { detector } = opened;
  assert.deepEqual(await detector.detect([]), []);
  const [good] = await photographs(detector, ["wood"]);
  const bad = { pixels: good!.pixels.subarray(3), category: "wood" };
  await assert.rejects(detector.detect([good!, bad]), {
    name: "TypeError",
    message: "Cannot look at image 1 as its pixels must be [42, 42, 3]: " +
      "current length is 5289",
  });
  assert.equal((await detector.detect([good!])).length, 1);
});

Deno.test("Detector warns once of a prompt that is cut", async () => {
  const golden = goldenNamed("gelu");
  const [category] = golden.categories as [string];
  const warnings: string[] = [];
  await using opened = await open(golden, {
    categories: [category, "short"],
    onWarning: (message) => warnings.push(message),
  });
  const { detector } = opened;
  const inputs = await photographs(detector, Array(3).fill(category));
  const found = await detector.detect(inputs);
  assert.equal(warnings.length, 2);
  for (const [i, state] of ["normal", "abnormal"].entries()) {
    assert.match(
      warnings[i]!,
      new RegExp(
        `"A photo of a ${state} a long .+ has \\d+ tokens and is cut to 24$`,
      ),
    );
  }
  const expected = await expectedOf(golden, category);
  for (const [i, detection] of found.entries()) {
    assertDetection(detection, expected, { i, tolerance: 1e-4 });
  }
});

Deno.test("Detector reads the prompts it is given", async () => {
  const prompts = new Map([["screw", "wood"], ["01", "metal_nut"]]);
  await using opened = await open(FEATURE, { prompts, categories: ["01"] });
  const { detector } = opened;
  const inputs = await photographs(detector, ["screw", "01"]);
  const found = await detector.detect(inputs);
  for (const [i, name] of ["wood", "metal_nut"].entries()) {
    const expected = await expectedOf(FEATURE, name);
    assertDetection(found[i]!, expected, { i, tolerance: 1e-4 });
  }
});

const CLOSED = {
  name: "SessionError",
  message: "Cannot run the model as the session was closed",
};

Deno.test("Detector.close() rejects images that were not answered, and later ones", async () => {
  await using opened = await open(FEATURE, { categories: ["wood"] });
  const { detector } = opened;
  const inputs = await photographs(detector, ["wood"]);
  const longer = inputs.map((input) => ({ ...input, category: "metal_nut" }));
  const pending = [inputs, longer].map((inputs) => detector.detect(inputs));
  await detector.close();
  for (const run of pending) await assert.rejects(run, CLOSED);
  await assert.rejects(detector.detect(inputs), CLOSED);
  await assert.rejects(detector.detect(longer), CLOSED);
});

Deno.test("Detector.close() closes a session that is still loading", async () => {
  await using opened = await open(FEATURE, { categories: ["wood"] });
  const { detector } = opened;
  const pending = detector.detect(await photographs(detector, ["metal_nut"]));
  const rejected = assert.rejects(pending, CLOSED);
  await new Promise((resolve) => setTimeout(resolve));
  await detector.close();
  await rejected;
});

Deno.test("Detector.open() refuses a model without its files", async () => {
  await using folder = await goldenModel(FEATURE);
  await Deno.remove(`${folder.path}/clip/model.safetensors`);
  await assert.rejects(Detector.open(folder.path), {
    name: "ModelError",
    message: `Cannot load ${folder.path} as clip/model.safetensors is missing`,
  });
});

Deno.test("Detector.open() refuses a provider that is not there", async () => {
  // Where onnxruntime was installed with CUDA, a made-up name must do.
  const hasCuda = listSupportedBackends().some(({ name, bundled }) =>
    name === "cuda" && bundled
  );
  const provider = hasCuda ? "abacus" as "cuda" : "cuda";
  await using folder = await goldenModel(FEATURE);
  await assert.rejects(Detector.open(folder.path, { provider }), (error) => {
    assert(error instanceof ModelError);
    assert(
      error.message.startsWith(`Cannot run ${folder.path} on ${provider}`),
    );
    return true;
  });
});
