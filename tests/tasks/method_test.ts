import assert from "node:assert/strict";
import { command as evaluate } from "../../tasks/eval.ts";
import { command as merge } from "../../tasks/merge.ts";
import { command as score } from "../../tasks/score.ts";
import { withFolder } from "../data/trees.ts";
import { GOLDEN_IMAGES } from "../golden/mfp_clip/golden.ts";
import {
  ANOMALY_CLIP_GOLDENS,
  type PromptedGolden,
  promptedModel,
} from "../golden/prompted_clips/golden.ts";
import { withConsole } from "./_console.ts";

const [PUBLISHED] = ANOMALY_CLIP_GOLDENS as [PromptedGolden];

/** One photograph. */
const TREE = { "in/object/a.png": await Deno.readFile(GOLDEN_IMAGES[0]!) };

const SAID = {
  method: "AnomalyCLIP",
  score_rule: "probability of the class token",
  smooth: 4,
};

async function summaryIn(folder: string) {
  const text = await Deno.readTextFile(`${folder}/summary.json`);
  const { method, score_rule, smooth } = JSON.parse(text);
  return { method, score_rule, smooth };
}

Deno.test("eval says how a method scores, and smooths maps as published", async () => {
  await using model = await promptedModel(PUBLISHED);
  await withFolder(TREE, async (root) => {
    const run = async (name: string, ...args: string[]) => {
      const out = `${root}/${name}`;
      const paths = ["--model", model.path, "--data", `${root}/in`];
      const all = [...paths, "--out", out, "--threads", "1", ...args];
      const { code, stdout } = await withConsole(() =>
        evaluate.main("eval", all)
      );
      assert.equal(code, 0);
      return { said: await summaryIn(out), stdout, out };
    };
    const { said, stdout, out } = await run("own");
    assert.deepEqual(said, SAID);
    assert.match(stdout, /S = probability of the class token; smoothing sigma/);
    const page = await Deno.readTextFile(`${out}/report.html`);
    assert.match(page, /Zero-shot anomaly detection · AnomalyCLIP/);
    const sharp = await run("sharp", "--smooth", "0");
    assert.deepEqual(sharp.said, { ...SAID, smooth: 0 });
  });
});

Deno.test("merge says how a method scores, as eval does", async () => {
  await using model = await promptedModel(PUBLISHED);
  await withFolder(TREE, async (root) => {
    const out = `${root}/out`;
    const paths = ["--data", `${root}/in`, "--out", out];
    const scored = await withConsole(() =>
      score.main("score", ["--model", model.path, "--threads", "1", ...paths])
    );
    assert.equal(scored.code, 0, scored.stderr);
    const merged = await withConsole(() =>
      merge.main("merge", ["--out", out, "--json"])
    );
    assert.equal(merged.code, 0, merged.stderr);
    const { method, score_rule, smooth } = JSON.parse(merged.stdout);
    assert.deepEqual({ method, score_rule, smooth }, SAID);
  });
});
