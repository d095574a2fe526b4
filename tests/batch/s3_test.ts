import assert from "node:assert/strict";
import { planRun } from "../../lib/batch/plan.ts";
import { allStores } from "../../lib/batch/stores.ts";
import { png } from "../data/trees.ts";
import { startS3Server } from "../storage/_s3_server.ts";
import { keysOf, mergeRows, options, scoreAll } from "./_runs.ts";

Deno.test("a run from bucket to bucket scores 40 images in 2 shards", async () => {
  await using server = await startS3Server();
  const stores = allStores(server.settings);
  const uri = `s3://${server.bucket}/line 4/`;
  const data = stores.folder(uri);
  for (let i = 0; i < 40; i++) {
    await data.put(`é/${i}.png`, new Uint8Array(await png(i)));
  }
  const out = stores.folder(`s3://${server.bucket}/out`);
  const plan = await planRun({ uri, stores }, out, options({ shards: 2 }));
  assert.equal(plan.header.input.name, "line 4");
  const outcomes = await scoreAll(plan, { stores, partImages: 7 });
  assert.deepEqual(
    outcomes.map(({ done, errors }) => [done, errors]),
    [[20, 0], [20, 0]],
  );
  const { summary, rows } = await mergeRows(plan, { stores });
  assert.deepEqual([summary.images, summary.errors], [40, 0]);
  assert.equal(new Set(rows.map(({ score }) => score)).size, 40);
  const maps = await keysOf(out, `runs/${plan.run}/heatmaps/`);
  assert.equal(maps.length, 40);
});
