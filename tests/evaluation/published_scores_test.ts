import assert from "node:assert/strict";
import { PublishedScores } from "../../lib/evaluation/published_scores.ts";
import { publishedScores } from "../../lib/methods/april_gan/good_images.ts";
import { publishedLines } from "../../lib/report/published_lines.ts";
import { assertNumbers, numbers } from "../contract/numbers.ts";
import {
  APRIL_GAN_GOLDENS,
  type PromptedGolden,
} from "../golden/prompted_clips/golden.ts";
import { expectedFewShot } from "../methods/few_shot.ts";
import { expectedPrompted } from "../methods/prompted.ts";

const [PUBLISHED] = APRIL_GAN_GOLDENS as [PromptedGolden];

function maximaOf(data: ArrayLike<number>): number[] {
  const size = data.length / 3;
  return [0, 1, 2].map((i) =>
    Math.max(...Array.from(data).slice(i * size, (i + 1) * size))
  );
}

Deno.test("publishedScores() of APRIL-GAN equal the specification over all images", async () => {
  const { map, score } = await expectedFewShot(PUBLISHED);
  const { few_scores } = await expectedPrompted(PUBLISHED, "metal_nut", [
    "few_scores",
  ]);
  const found = publishedScores(Array.from(score.data), maximaOf(map.data));
  assertNumbers(numbers([3], found), few_scores!, { tolerance: 1e-5 });
});

Deno.test("publishedScores() are those of the class token where all maps have one maximum", () => {
  assert.deepEqual(publishedScores([0.5, 0.25], [0.25, 0.25]), [0.375, 0.125]);
});

Deno.test("PublishedScores.metrics() ranks the images of each product by themselves", () => {
  const scores = new PublishedScores((_, maxima) => [...maxima]);
  const add = (category: string, label: 0 | 1 | null, maximum: number) => {
    const row = { category, label };
    const detection = {
      imageScore: 0,
      anomalyMap: Float32Array.of(0, maximum),
    };
    scores.add({ row, detection });
  };
  add("nut", 0, 0.25);
  add("nut", 1, 0.5);
  add("nut", null, 0.125);
  add("cap", 0, 0.5);
  add("cap", 1, 0.25);
  add("wood", 0, 0.25);
  const metrics = scores.metrics();
  assert.equal(metrics.get("nut")!.i_auroc, 1);
  assert.equal(metrics.get("cap")!.i_auroc, 0);
  assert.deepEqual(metrics.get("wood"), {
    i_auroc: null,
    i_ap: null,
    i_f1max: null,
  });
  assert.deepEqual(publishedLines(metrics).slice(1), [
    "  nut: I-AUROC 100.0, I-AP 100.0, I-F1max 100.0",
    "  cap: I-AUROC 0.0, I-AP 50.0, I-F1max 66.7",
    "  wood: I-AUROC -, I-AP -, I-F1max -",
  ]);
  assert.deepEqual(publishedLines(new Map()), []);
});
