import assert from "node:assert/strict";
import {
  openSafetensors,
  readTensor,
} from "../../lib/checkpoint/safetensors.ts";
import { Detector, type DetectorOptions } from "../../lib/detector/detector.ts";
import type { RgbImage } from "../../lib/image/image.ts";
import type { ScoredImage } from "../../lib/detector/scored_image.ts";
import { fingerprint } from "../../lib/methods/fingerprint.ts";
import { decodeMemory } from "../../lib/references/memory_file.ts";
import { assertNumbers, numbers } from "../contract/numbers.ts";
import { goldenModel, goldenRgb } from "../golden/mfp_clip/golden.ts";
import { goldenNamed } from "../methods/mfp_clip/goldens.ts";

const FEATURE = goldenNamed("feature");
const GOLDEN = await openSafetensors(
  `${import.meta.dirname}/../golden/references/model.safetensors`,
);

/** The golden photographs at the model's side. */
async function photographs(): Promise<RgbImage[]> {
  const { side } = FEATURE;
  const file = await openSafetensors(goldenRgb(FEATURE));
  const rgb = await readTensor(file, "rgb"); // [3, 3, H, H]
  const pixels = side * side;
  return [0, 1, 2].map((i) => ({
    width: side,
    height: side,
    data: Uint8Array.from({ length: 3 * pixels }, (_, at) => {
      const [pixel, channel] = [Math.floor(at / 3), at % 3];
      return Math.round(255 * rgb[(3 * i + channel) * pixels + pixel]!);
    }),
  }));
}

const [COFFEE, BRICK, CHELSEA] = await photographs() as [
  RgbImage,
  RgbImage,
  RgbImage,
];

/** A detector whose model is removed at the end of the scope. */
async function open(
  options: DetectorOptions = {},
): Promise<AsyncDisposable & { detector: Detector; path: string }> {
  const folder = await goldenModel(FEATURE);
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

function bits({ score, scoreLogit, map, logitMap }: ScoredImage): unknown {
  return [score, scoreLogit, [...map.data], [...logitMap.data]];
}

Deno.test("Detector.memory() says of which model and method it is", async () => {
  for (const method of [undefined, "mfp-clip"] as const) {
    await using opened = await open({ method });
    const { detector, path } = opened;
    await detector.learn("wood", [COFFEE, BRICK]);
    const { origin } = decodeMemory(detector.memory("wood")!, "wood");
    assert.equal(origin.model, await fingerprint(path, method));
  }
});

Deno.test("Detector.learn() makes scores equal to the specification", async () => {
  await using opened = await open();
  const { detector } = opened;
  const learned = await detector.learn("wood", [COFFEE, BRICK]);
  const { sha256, ...counts } = learned;
  assert.match(sha256, /^[0-9a-f]{64}$/);
  assert.deepEqual(counts, {
    category: "wood",
    images: 2,
    patches: 72,
    kept: 72,
  });
  assert.deepEqual(detector.learned, [learned]);
  const found = await detector.score(CHELSEA, { category: "wood" });
  const seen = {
    map: found.map.data,
    logit_map: found.logitMap.data,
    score: [found.score],
    score_logit: [found.scoreLogit],
  };
  for (const [name, data] of Object.entries(seen)) {
    const expected = await readTensor(GOLDEN, name);
    const size = expected.length;
    assertNumbers(numbers([size], data), numbers([size], expected), {
      tolerance: 1e-4,
      label: name,
    });
  }
});

Deno.test("Detector.learn() leaves other categories of a batch zero-shot", async () => {
  await using opened = await open({ categories: ["metal_nut"] });
  const { detector } = opened;
  const inputs = ["metal_nut", "wood", "metal_nut"].map((category) => ({
    category,
    pixels: detector.preprocess(CHELSEA),
  }));
  const before = await detector.detect(inputs);
  await detector.learn("wood", [COFFEE, BRICK]);
  const after = await detector.detect(inputs);
  const alone = await detector.detect([inputs[1]!]);
  for (const i of [0, 2]) {
    const { logitMap, scoreLogit } = before[i]!;
    const size = logitMap.length;
    assertNumbers(
      numbers([size], after[i]!.logitMap),
      numbers([size], logitMap),
      { tolerance: 1e-4 },
    );
    assert(Math.abs(after[i]!.scoreLogit - scoreLogit) < 1e-4);
  }
  assert(Math.abs(after[1]!.scoreLogit - before[1]!.scoreLogit) > 1);
  assert(Math.abs(after[1]!.scoreLogit - alone[0]!.scoreLogit) < 1e-3);
});

Deno.test("Detector.remember() gives the same bits as learning, also after loading again", async () => {
  await using first = await open({ categories: ["wood"], sessions: 2 });
  const learned = await first.detector.learn("wood", [COFFEE, BRICK]);
  const file = first.detector.memory("wood")!;
  await using second = await open({ categories: ["wood"] });
  assert.deepEqual(await second.detector.remember(file), learned);
  const options = { category: "wood" };
  const expected = bits(await first.detector.score(CHELSEA, options));
  assert.deepEqual(
    bits(await second.detector.score(CHELSEA, options)),
    expected,
  );
  // A longer prompt makes the model load again; memories stay.
  await second.detector.score(CHELSEA, { category: "a part with a long name" });
  assert.deepEqual(
    bits(await second.detector.score(CHELSEA, options)),
    expected,
  );
  assert.equal(second.detector.memory("cup"), undefined);
});

Deno.test("Detector.learn() refuses a good image that cannot be read, by its name", async () => {
  await using opened = await open();
  const { detector } = opened;
  const broken = { name: "line-4/7.png", image: new Uint8Array(9) };
  await assert.rejects(detector.learn("wood", [COFFEE, broken]), {
    name: "DataSetError",
    message:
      /^Cannot learn the good images of "wood" as each must be readable: line-4\/7\.png is not \(Cannot decode/,
  });
  await assert.rejects(
    detector.learn("wood", [new Uint8Array(9)]),
    /image 1 is not/,
  );
  await assert.rejects(detector.learn("wood", []), { name: "RangeError" });
  assert.deepEqual(detector.learned, []);
});

Deno.test("Detector.remember() refuses damaged memories and those of other models", async () => {
  await using first = await open();
  await first.detector.learn("wood", [COFFEE]);
  const file = first.detector.memory("wood")!;
  await using second = await open();
  await Deno.writeTextFile(`${second.path}/other.json`, "{}");
  await assert.rejects(second.detector.remember(file, "wood.safetensors"), {
    name: "ModelError",
    message: `Cannot use the good images of wood.safetensors as they must ` +
      `have been learned with the model ${second.path}: they were with another`,
  });
  await assert.rejects(second.detector.remember(file.slice(0, 99)), {
    name: "ModelError",
    message: "Cannot load the memory as the file is truncated",
  });
});

Deno.test("Detector warns once if an image is one of its good images", async () => {
  const warnings: string[] = [];
  await using opened = await open({ onWarning: (text) => warnings.push(text) });
  const { detector } = opened;
  await detector.learn("wood", [COFFEE, { name: "brick.png", image: BRICK }]);
  await detector.score(CHELSEA, { category: "wood" });
  await detector.score(BRICK, { category: "cup" });
  assert.deepEqual(warnings, []);
  await detector.score(BRICK, { category: "wood" });
  await detector.score(COFFEE, { category: "wood" });
  assert.deepEqual(warnings, [
    'an image to be scored is also one of the good images of "wood", ' +
    "brick.png, so its score is too low and says nothing; further ones are " +
    "not named",
  ]);
});

Deno.test("Detector.learn() keeps memories of other names apart, until forget()", async () => {
  await using opened = await open();
  const { detector } = opened;
  await using other = await open();
  await other.detector.learn("wood", [COFFEE, BRICK]);
  const pixels = detector.preprocess(CHELSEA);
  const input = { pixels, category: "wood" };
  const named = { ...input, memory: "mine" };
  await detector.learn("wood", [COFFEE], { name: "other" });
  await detector.learn("wood", [COFFEE, BRICK], { name: "mine" });
  assert.deepEqual(detector.learned, []);
  const [alone, beside] = await detector.detect([input, named]);
  const [zeroShot] = await detector.detect([input, input]);
  const [, expected] = await other.detector.detect([input, input]);
  assert.equal(alone!.scoreLogit, zeroShot!.scoreLogit);
  assert.deepEqual(beside!.logitMap, expected!.logitMap);
  assert.deepEqual(detector.memory("mine"), other.detector.memory("wood"));
  await detector.forget("mine");
  assert.equal(detector.memory("mine"), undefined);
  assert.equal(detector.leftOut("mine"), undefined);
  await assert.rejects(detector.detect([named]), {
    name: "RangeError",
    message: /memory must have been learned: current value is "mine"$/,
  });
  await detector.detect([{ ...input, memory: "other" }]);
});
