import assert from "node:assert/strict";
import { Detector } from "../../../lib/detector/detector.ts";
import {
  ANOMALY_CLIP_GOLDENS,
  type PromptedGolden,
  promptedModel,
} from "../../golden/prompted_clips/golden.ts";
import { assertExports, assertScoresFiles } from "../prompted_files.ts";
import { divisorOf } from "./divisor.ts";

const [PUBLISHED, TAPS, NORMED] = ANOMALY_CLIP_GOLDENS as [
  PromptedGolden,
  PromptedGolden,
  PromptedGolden,
];

Deno.test("Detector.score() of AnomalyCLIP equals the specification through files", async () => {
  for (const golden of [PUBLISHED, TAPS, NORMED]) {
    await assertScoresFiles(golden, divisorOf(golden), { smooth: 0 });
  }
});

Deno.test("exportModel() writes AnomalyCLIP as Detector computes it", async () => {
  await assertExports(TAPS);
});

Deno.test("Detector smooths AnomalyCLIP's maps as published unless told otherwise", async () => {
  await using folder = await promptedModel(PUBLISHED);
  await using detector = await Detector.open(folder.path, { threads: 1 });
  assert.equal(detector.smooth, 4);
  assert.deepEqual(detector.scoring, {
    method: "AnomalyCLIP",
    score_rule: "probability of the class token",
  });
  const options = { threads: 1, smooth: 0 };
  await using sharp = await Detector.open(folder.path, options);
  assert.equal(sharp.smooth, 0);
});

Deno.test("Detector asks AnomalyCLIP the same of every product", async () => {
  await using folder = await promptedModel(NORMED);
  const prompts = new Map([["nested/pcb1", "board"]]);
  const options = { threads: 1, prompts };
  await using detector = await Detector.open(folder.path, options);
  const sentences = {
    normal: ["X X X metal nut."],
    abnormal: ["X X X damaged metal nut."],
  };
  assert.deepEqual(detector.promptOf("wood"), sentences);
  assert.deepEqual(detector.promptOf("nested/pcb1"), sentences);
});

Deno.test("Detector.open() refuses own sentences for AnomalyCLIP", async () => {
  await using folder = await promptedModel(NORMED);
  const own = { normal: ["a good nut"], abnormal: ["a bad nut"] };
  const prompts = new Map([["nut", own]]);
  await assert.rejects(Detector.open(folder.path, { prompts }), {
    message: 'Cannot use the prompts of "nut" as the model reads the same ' +
      'sentences for every product, which are "X X X metal nut." and ' +
      '"X X X damaged metal nut.": current value is "a good nut" and ' +
      '"a bad nut"',
  });
});

Deno.test("openModelDirectory() refuses what AnomalyCLIP's CLIP does not have", async () => {
  await using folder = await promptedModel(PUBLISHED);
  const path = `${folder.path}/anomaly_clip.json`;
  const choices = { image_size: 40, taps: [1, 5], context: 76 };
  await Deno.writeTextFile(path, JSON.stringify(choices));
  await assert.rejects(Detector.open(folder.path), {
    message: `Cannot load ${path} as image_size must be a multiple of the ` +
      "patch size 7: current value is 40, taps must be at most the 4 vision " +
      "layers: current value is [1,5], context must be at most 75 of the 77 " +
      "tokens of a sentence: current value is 76",
  });
});
