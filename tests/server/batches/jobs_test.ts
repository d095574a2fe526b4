import assert from "node:assert/strict";
import { allStores } from "../../../lib/batch/stores.ts";
import { BatchJobs } from "../../../lib/server/batches/jobs.ts";
import { temporaryFolder } from "../_server.ts";

const REQUEST = { input: "s3://bucket/in/", output: "s3://bucket/out/" };

Deno.test("finish() stands, whatever a late worker writes", async () => {
  await using root = await temporaryFolder();
  const jobs = new BatchJobs(allStores().folder(root.path));
  const { job: { id }, status } = await jobs.create(REQUEST);
  const late = { ...status, state: "running", claim: 1, done: 3 } as const;
  await jobs.write(id, late);
  assert.equal((await jobs.read(id))?.status.done, 3);
  const done = { ...status, state: "succeeded", claim: 2, done: 9 } as const;
  assert.ok(await jobs.finish(id, done));
  await jobs.write(id, late);
  assert.equal(await jobs.finish(id, { ...late, state: "failed" }), false);
  const record = await jobs.read(id);
  assert.deepEqual(record?.status, done);
  assert.deepEqual(await jobs.active(), []);
});

Deno.test("cancelWaiting() stands too, and only where nobody works", async () => {
  await using root = await temporaryFolder();
  const jobs = new BatchJobs(allStores().folder(root.path));
  const waiting = await jobs.create(REQUEST);
  const { id } = waiting.job;
  const told = await jobs.cancelWaiting(waiting);
  assert.equal(told.status.state, "cancelled");
  await jobs.write(id, { ...waiting.status, state: "running" });
  assert.equal((await jobs.read(id))?.status.state, "cancelled");
  const taken = await jobs.create(REQUEST);
  await jobs.claim(taken.job.id, 1, "worker");
  assert.equal((await jobs.cancelWaiting(taken)).status.state, "queued");
});

Deno.test("read() knows batches of older servers", async () => {
  await using root = await temporaryFolder();
  const store = allStores().folder(root.path);
  const jobs = new BatchJobs(store);
  const { job: { id }, status } = await jobs.create(REQUEST);
  const { failures: _, ...old } = { ...status, state: "succeeded" };
  const bytes = new TextEncoder().encode(JSON.stringify(old));
  await store.put(`jobs/${id}/status.json`, bytes);
  const record = await jobs.read(id);
  assert.deepEqual(record?.status, { ...status, state: "succeeded" });
});

Deno.test("read() refuses what no server has written", async () => {
  await using root = await temporaryFolder();
  const store = allStores().folder(root.path);
  const jobs = new BatchJobs(store);
  const { job: { id } } = await jobs.create(REQUEST);
  const cases: [string, RegExp][] = [
    ["{", /status\.json as it must be JSON that a server has written: .*JSON/],
    ["[]", /status\.json as .*expected object/],
    ['{"state":"odd"}', /status\.json as .* at state$/],
    ['{"done":-1}', /status\.json as .* at done$/],
    ['{"figures":{"i_auroc":"1"}}', /status\.json as .* at figures\.i_auroc$/],
  ];
  for (const [text, message] of cases) {
    const bytes = new TextEncoder().encode(text);
    await store.put(`jobs/${id}/status.json`, bytes);
    await assert.rejects(jobs.read(id), { failure: "invalid", message });
  }
});
