import assert from "node:assert/strict";
import {
  assertNumbers,
  type Numbers,
  numbers,
} from "../../contract/numbers.ts";
import {
  ANOMALY_CLIP_GOLDENS,
  type PromptedGolden,
} from "../../golden/prompted_clips/golden.ts";
import { assertAsSpecified } from "../assert_prompted.ts";
import {
  expectedPrompted,
  openPrompted,
  photographBytes,
  promptsOf,
  runDetection,
  runText,
} from "../prompted.ts";
import { divisorOf } from "./divisor.ts";

const CATEGORY = "metal_nut";

for (const golden of ANOMALY_CLIP_GOLDENS) {
  Deno.test(`AnomalyCLIP equals the specification: ${golden.name}`, async () => {
    await assertAsSpecified(golden, CATEGORY, {
      divisor: divisorOf(golden),
      tolerance: golden.name === "saturated" ? 1e-4 : 1e-5,
    });
  });
}

const [PUBLISHED, TAPS, , , SATURATED] = ANOMALY_CLIP_GOLDENS as [
  PromptedGolden,
  PromptedGolden,
  PromptedGolden,
  PromptedGolden,
  PromptedGolden,
];

/** Outputs for the photographs. */
async function detect(golden: PromptedGolden, smooth = 0) {
  await using opened = await openPrompted(golden);
  const { model } = opened;
  const text = await runText(model, promptsOf(model, CATEGORY));
  const rgb = await photographBytes(golden.side);
  return await runDetection(model, { rgb, text, smooth });
}

Deno.test("AnomalyCLIP equals the specification without fused operators", async () => {
  const options = { divisor: divisorOf(TAPS), running: { fuse: false } };
  await assertAsSpecified(TAPS, CATEGORY, options);
});

Deno.test("AnomalyCLIP is close to the specification in float16", async () => {
  for (const golden of ANOMALY_CLIP_GOLDENS) {
    if (golden === SATURATED) continue; // Rounding decides on its ties.
    await assertAsSpecified(golden, CATEGORY, {
      divisor: divisorOf(golden),
      running: { precision: "f16" },
      tolerance: 0.05,
    });
  }
});

Deno.test("AnomalyCLIP ranks where its maps and scores saturate", async () => {
  const names = ["logit_map", "map", "score", "score_logit"];
  const expected = await expectedPrompted(SATURATED, CATEGORY, names);
  const found = await detect(SATURATED);
  const saturated = Array.from(found.map!.data).filter((x) =>
    Math.fround(x) === 1
  );
  assert(saturated.length > 100);
  const tolerance = 1e-2; // Of logits up to 69.
  const betweenCentres = ({ data }: Numbers) =>
    Array.from(data).filter((_, i) => {
      const [row, column] = [Math.floor(i / 42) % 42, i % 42];
      return row % 7 !== 3 && column % 7 !== 3;
    });
  // At the centre of a patch the weight of its neighbours is 0. In float32
  // PyTorch rounds some to 6e-8, which is more than the smallest probability.
  const [actual, wanted] = [found, expected].map(({ logit_map }) =>
    betweenCentres(logit_map!)
  );
  const shape = [wanted!.length];
  assertNumbers(numbers(shape, actual!), numbers(shape, wanted!), {
    tolerance,
    label: "logit_map",
  });
  assertNumbers(found.score_logit!, expected.score_logit!, { tolerance });
});

Deno.test("AnomalyCLIP smooths maps as published, and scores before", async () => {
  const names = ["smooth", "score"];
  const expected = await expectedPrompted(PUBLISHED, CATEGORY, names);
  await using opened = await openPrompted(PUBLISHED);
  const { smooth } = opened.model.architecture;
  assert.equal(smooth, 4);
  const found = await detect(PUBLISHED, smooth);
  assertNumbers(found.map!, expected.smooth!, { tolerance: 1e-5 });
  assertNumbers(found.score!, expected.score!, { tolerance: 1e-5 });
});
