import assert from "node:assert/strict";
import { allStores } from "../../../../lib/batch/stores.ts";
import { DataSetError } from "../../../../lib/data/sample.ts";
import {
  BatchThread,
  type BatchThreadParts,
} from "../../../../lib/server/batches/thread/batch_thread.ts";
import { FakeDetector, SETTINGS, temporaryFolder } from "../../_server.ts";

/** A thread with no more than it is given. */
function thread(bounds: Partial<BatchThreadParts> = {}): BatchThread {
  return new BatchThread({
    stores: allStores(),
    detector: new FakeDetector(),
    bytes: 2 ** 30,
    stepMilliseconds: 60_000,
    ...bounds,
  });
}

function plan(
  root: { uri: string },
  bounded: BatchThread,
  list = "list.csv",
) {
  return bounded.plan({
    input: `${root.uri}${list}`,
    output: `${root.uri}out/`,
    allowInput: [root.uri],
    allowOutput: [`${root.uri}out/`],
    options: SETTINGS,
  }, new AbortController().signal);
}

Deno.test("BatchThread ends alone when it takes too much memory", async () => {
  await using root = await temporaryFolder();
  const lines = '{"image":"a.png"}\n'.repeat(1_000_000);
  await Deno.writeTextFile(`${root.path}/list.jsonl`, lines);
  await using bounded = thread({ bytes: 2 ** 26, stepMilliseconds: 2000 });
  await assert.rejects(plan(root, bounded, "list.jsonl"), (error) => {
    assert.ok(error instanceof DataSetError);
    assert.match(error.message, /^Cannot go on .* fit into 67 MB of memory/);
    return true;
  });
  assert.equal(bounded.isOver, true);
});

Deno.test("BatchThread is ended when it does not answer", async () => {
  await using root = await temporaryFolder();
  await Deno.writeTextFile(`${root.path}/list.csv`, "image\na.png\n");
  await using bounded = thread({ stepMilliseconds: 1 });
  await assert.rejects(plan(root, bounded), {
    name: "DataSetError",
    message: /^Cannot go on .* take more than 0.001 seconds: divide it$/,
  });
});

Deno.test("BatchThread opens no address that is not allowed", async () => {
  await using root = await temporaryFolder();
  await using other = await temporaryFolder();
  await Deno.writeTextFile(
    `${root.path}/list.csv`,
    `image\n${other.uri}a.png\n`,
  );
  await using bounded = thread();
  await assert.rejects(plan(root, bounded), {
    name: "StorageError",
    failure: "denied",
  });
});

Deno.test("BatchThread plans another batch after one that failed", async () => {
  await using root = await temporaryFolder();
  await Deno.writeTextFile(`${root.path}/list.csv`, "colour\nred\n");
  await using bounded = thread();
  await assert.rejects(plan(root, bounded), { name: "DataSetError" });
  await Deno.writeTextFile(`${root.path}/list.csv`, "image\na.png\n");
  assert.equal((await plan(root, bounded)).total, 1);
});
