import assert from "node:assert/strict";
import { parseAdaClipConfig } from "../../../lib/methods/ada_clip/config.ts";
import { fuse } from "../../../lib/methods/ada_clip/fusion.ts";
import { assertNumbers, numbers } from "../../contract/numbers.ts";
import {
  ADA_CLIP_GOLDENS,
  type PromptedGolden,
} from "../../golden/prompted_clips/golden.ts";
import { assertSameIds } from "../assert_prompted.ts";
import {
  expectedIntegers,
  expectedPrompted,
  openPrompted,
  photographBytes,
  promptsOf,
} from "../prompted.ts";
import { runAdaClip, type Running } from "./run_ada_clip.ts";

const [PUBLISHED, TEXT] = ADA_CLIP_GOLDENS as [PromptedGolden, PromptedGolden];

interface Comparison {
  readonly running?: Running;
  readonly tolerance?: number;
  readonly smooth?: number;
}

async function assertEqual(
  golden: PromptedGolden,
  category: string,
  { running = {}, tolerance = 1e-5, smooth = 0 }: Comparison = {},
): Promise<void> {
  await using opened = await openPrompted(golden);
  const { model } = opened;
  await assertSameIds(model, golden, category);
  const rgb = await photographBytes(golden.side);
  const prompt = promptsOf(model, category);
  const found = await runAdaClip(model, { rgb, prompt, smooth }, running);
  const map = smooth > 0 ? "smooth" : "map";
  const expected = await expectedPrompted(golden, category, [
    map,
    "logit_map",
    "score",
    "score_logit",
  ]);
  const options = { tolerance, label: map };
  assertNumbers(found.map!, expected[map]!, options);
  // Sums of 5,000 times a cosine are as exact as their size lets them be.
  const scale = Number(model.architecture.choices.scale) / 100;
  for (const name of ["score", "logit_map", "score_logit"]) {
    if (name === "logit_map" && smooth > 0) continue;
    assertNumbers(found[name]!, expected[name]!, {
      tolerance: tolerance * 10 * scale,
      label: name,
    });
  }
}

for (const golden of ADA_CLIP_GOLDENS) {
  for (const category of golden.categories) {
    Deno.test(`adaClip() equals the specification: ${golden.name}, ${category}`, async () => {
      // A prompt may round to the other of two neighbours in float16, and a
      // scale of 5,000 makes rounding visible.
      const isRough = ["half", "saturated"].includes(golden.name);
      const tolerance = isRough ? 1e-4 : 1e-5;
      await assertEqual(golden, category, { tolerance });
    });
  }
}

Deno.test("adaClip() equals the specification without fused operators", async () => {
  await assertEqual(PUBLISHED, "metal_nut", { running: { fuse: false } });
});

Deno.test("adaClip() smooths maps and not scores as the specification does", async () => {
  for (const golden of [PUBLISHED, TEXT]) {
    await assertEqual(golden, "metal_nut", { smooth: 4 });
  }
});

Deno.test("adaClip() is close to the specification in float16", async () => {
  for (const golden of ADA_CLIP_GOLDENS) {
    if (golden.name === "saturated") continue;
    await assertEqual(golden, golden.categories[0]!, {
      running: { precision: "f16" },
      tolerance: 0.05,
    });
  }
});

for (const golden of ADA_CLIP_GOLDENS) {
  if (golden.name === "plain") continue;
  Deno.test(`fuse() ranks and groups patches as the specification does: ${golden.name}`, async () => {
    await using opened = await openPrompted(golden);
    const { model } = opened;
    const category = golden.categories[0]!;
    const rgb = await photographBytes(golden.side);
    const prompt = promptsOf(model, category);
    const found = await runAdaClip(model, { rgb, prompt, smooth: 0 });
    const config = parseAdaClipConfig(model.architecture.choices, "");
    const features = config.taps.map((_, i) => found[`feature_${i}`]!);
    const part = ({ data }: { data: ArrayLike<number> }, image: number) => {
      const size = data.length / 3;
      return Float32Array.from(data).subarray(image * size, (image + 1) * size);
    };
    const fusions = [0, 1, 2].map((image) =>
      fuse({
        gap: part(found.gap!, image),
        features: features.map((feature) => part(feature, image)),
      }, config)
    );
    const [top, label] = await Promise.all(
      ["top", "label"].map((name) => expectedIntegers(golden, category, name)),
    );
    assert.deepEqual(fusions.flatMap(({ top }) => top), Array.from(top!.data));
    const labels = fusions.flatMap(({ labels }) => [...labels]);
    assert.deepEqual(labels, Array.from(label!.data));
  });
}

Deno.test("adaClip() scores an image alike whatever stands beside it", async () => {
  await using opened = await openPrompted(PUBLISHED);
  const { model } = opened;
  const { side } = PUBLISHED;
  const all = await photographBytes(side);
  const prompt = promptsOf(model, "metal_nut");
  const together = await runAdaClip(model, { rgb: all, prompt, smooth: 0 });
  const size = all.data.length / 3;
  const swapped = [1, 0, 2].flatMap((image) =>
    Array.from(all.data).slice(image * size, (image + 1) * size)
  );
  const rgb = numbers(all.shape, swapped);
  const found = await runAdaClip(model, { rgb, prompt, smooth: 0 });
  const [a, b, c] = Array.from(together.score_logit!.data);
  assert.deepEqual(Array.from(found.score_logit!.data), [b, a, c]);
});
