import assert from "node:assert/strict";
import type { MergedRows } from "../../batch/_runs.ts";
import { planRun } from "../../../lib/batch/plan.ts";
import { runShard } from "../../../lib/batch/work.ts";
import { Detector } from "../../../lib/detector/detector.ts";
import {
  input,
  mergeTimeless,
  options,
  STORES,
  withOut,
} from "../../batch/_runs.ts";
import { mvtecTree, withFolder } from "../../data/trees.ts";
import {
  ADA_CLIP_GOLDENS,
  type PromptedGolden,
  promptedModel,
} from "../../golden/prompted_clips/golden.ts";

const [PUBLISHED] = ADA_CLIP_GOLDENS as [PromptedGolden];

Deno.test("mergeRun() gives bit for bit the same for one worker and eight shards of AdaCLIP", async () => {
  await using model = await promptedModel(PUBLISHED);
  await using detector = await Detector.open(model.path, { threads: 1 });
  await withFolder(await mvtecTree(), async (data) => {
    const merged: MergedRows[] = [];
    for (const shards of [1, 8]) {
      await withOut(async (out) => {
        const plan = await planRun(input(data), out, options({ shards }));
        for (let shard = 0; shard < shards; shard++) {
          const work = { stores: STORES, shard, batchSize: 2 };
          await runShard(detector, plan, work);
        }
        merged.push(await mergeTimeless(plan));
      });
    }
    const [one, eight] = merged;
    assert.deepEqual(eight, one);
    const scores = one!.rows.map(({ score_logit }) => score_logit);
    assert(scores.every((score) => score !== null));
    assert(new Set(scores).size > 1);
  });
});
