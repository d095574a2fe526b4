import assert from "node:assert/strict";
import { mergeRun } from "../../lib/batch/merge.ts";
import { planRun } from "../../lib/batch/plan.ts";
import { jobKey } from "../../lib/batch/pointers.ts";
import type { Plan } from "../../lib/batch/run.ts";
import { listRuns } from "../../lib/batch/runs.ts";
import { png } from "../data/trees.ts";
import { MemoryStore } from "./_memory_store.ts";
import { itemsOf, only, options, scoreAll } from "./_runs.ts";

const text = new TextEncoder();

async function put(data: MemoryStore, key: string, grey: number) {
  await data.put(key, new Uint8Array(await png(grey)));
}

/** A run since all that are merged. */
function plan(data: MemoryStore, out: MemoryStore, changes = {}) {
  const input = { uri: data.uri, stores: only(data) };
  return planRun(input, out, options({ since: "last", ...changes }));
}

async function finish(plan: Plan, data: MemoryStore): Promise<void> {
  const stores = only(data);
  await scoreAll(plan, { stores });
  await mergeRun(plan, { stores });
}

async function keysOf(plan: Plan): Promise<string[]> {
  return (await itemsOf(plan)).map(({ key }) => key);
}

Deno.test("planRun() since another input's run takes the same bytes anew", async () => {
  const out = new MemoryStore("out");
  const [left, right] = [new MemoryStore("left"), new MemoryStore("right")];
  for (const data of [left, right]) await put(data, "1.png", 5);
  await finish(await plan(left, out), left);
  const other = await plan(right, out);
  assert.deepEqual(await keysOf(other), ["1.png"]);
  await finish(other, right);
  for (const data of [left, right]) {
    assert.deepEqual(await keysOf(await plan(data, out)), []);
  }
});

Deno.test("planRun() since a run takes again what was gone for a while", async () => {
  const out = new MemoryStore("out");
  const data = new MemoryStore("data");
  await put(data, "1.png", 1);
  await put(data, "2.png", 2);
  await data.put("text.png", text.encode("no image"));
  const first = await plan(data, out);
  await data.delete("2.png");
  await finish(first, data);
  assert.deepEqual(await keysOf(await plan(data, out)), []);
  await put(data, "2.png", 2);
  const second = await plan(data, out);
  assert.deepEqual(await keysOf(second), ["2.png"]);
  await finish(second, data);
  assert.deepEqual(await keysOf(await plan(data, out)), []);
});

Deno.test("planRun() since a run over a list waits for what is missing", async () => {
  const out = new MemoryStore("out");
  const data = new MemoryStore("data");
  await data.put("list.csv", text.encode("uri\n1.png\n2.png\n"));
  await put(data, "1.png", 1);
  const stores = only(data);
  const since = () =>
    planRun({ uri: "list.csv", stores }, out, options({ since: "last" }));
  const first = await since();
  await scoreAll(first, { stores });
  await mergeRun(first, { stores });
  assert.deepEqual(await keysOf(await since()), []);
  await put(data, "2.png", 2);
  assert.deepEqual(await keysOf(await since()), ["2.png"]);
});

Deno.test("mergeRun() again does not take --since back", async () => {
  const out = new MemoryStore("out");
  const data = new MemoryStore("data");
  await put(data, "1.png", 1);
  const first = await plan(data, out);
  await finish(first, data);
  await put(data, "2.png", 2);
  const second = await plan(data, out);
  await finish(second, data);
  await mergeRun(first, { stores: only(data) });
  assert.deepEqual(await keysOf(await plan(data, out)), []);
});

Deno.test("planRun() since the last runs counts all that were merged side by side", async () => {
  const out = new MemoryStore("out");
  const [left, right] = [new MemoryStore("left"), new MemoryStore("right")];
  for (const data of [left, right]) await put(data, "1.png", 5);
  const planned = [await plan(left, out), await plan(right, out)];
  await finish(planned[0]!, left);
  await finish(planned[1]!, right);
  for (const data of [left, right]) {
    await put(data, "2.png", 6);
    const next = await plan(data, out);
    assert.deepEqual(await keysOf(next), ["2.png"]);
    assert.deepEqual(next.header.since, planned.map(({ run }) => run).sort());
  }
});

Deno.test("planRun() refuses to go on from a run that is not merged", async () => {
  const out = new MemoryStore("out");
  const data = new MemoryStore("data");
  await put(data, "1.png", 1);
  const { run } = await plan(data, out);
  await assert.rejects(plan(data, out, { since: run }), {
    name: "DataSetError",
    message:
      `Cannot score what is new since the run ${run} as it must be merged: it is not, so some of its images may have no score`,
  });
});

Deno.test("planRun() refuses to join a job over another input", async () => {
  const out = new MemoryStore("out");
  const [left, right] = [new MemoryStore("left"), new MemoryStore("right")];
  for (const data of [left, right]) await put(data, "1.png", 5);
  const job = { job: "nightly" };
  const { run } = await plan(left, out, job);
  assert.equal((await plan(left, out, job)).run, run);
  await assert.rejects(plan(right, out, job), {
    name: "RunError",
    message: /^Cannot join the job nightly as its workers must have the input,/,
  });
});

Deno.test("planRun() says that the note of a job is damaged", async () => {
  const out = new MemoryStore("out");
  const data = new MemoryStore("data");
  await put(data, "1.png", 1);
  for (const note of ["", "null", "[]", '{"run":1}', "<html>"]) {
    await out.put(jobKey("night"), text.encode(note));
    await assert.rejects(plan(data, out, { job: "night" }), {
      name: "DataSetError",
      message:
        "Cannot find a run as memory://out/jobs/night.json must name one: it is damaged",
    });
  }
});

Deno.test("listRuns() passes over what is no run", async () => {
  const out = new MemoryStore("out");
  const data = new MemoryStore("data");
  await put(data, "1.png", 1);
  const { run } = await plan(data, out);
  await out.put("runs/.DS_Store", text.encode("x"));
  await out.put("runs/9/notes.txt", text.encode("x"));
  assert.deepEqual(await Array.fromAsync(listRuns(out)), [run]);
});

Deno.test("planRun() since runs of changed images knows each of their versions", async () => {
  const out = new MemoryStore("out");
  const data = new MemoryStore("data");
  for (const grey of [1, 2]) {
    await put(data, "1.png", grey);
    await finish(await plan(data, out), data);
  }
  // It is as the first run found it, and so scored.
  await put(data, "1.png", 1);
  await put(data, "2.png", 1);
  assert.deepEqual(await keysOf(await plan(data, out)), ["2.png"]);
  await put(data, "1.png", 3);
  assert.deepEqual(await keysOf(await plan(data, out)), ["1.png", "2.png"]);
});

Deno.test("planRun() since a run over the folder above knows the same objects", async () => {
  const out = new MemoryStore("out");
  const data = new MemoryStore("data");
  await put(data, "line/1.png", 1);
  await put(data, "line/2.png", 2);
  const first = await plan(data, out);
  await finish(first, data);
  const below = new MemoryStore("data/line");
  await put(below, "1.png", 1);
  await put(below, "2.png", 9);
  assert.deepEqual(await keysOf(await plan(below, out)), ["2.png"]);
});

Deno.test("planRun() since a run takes the same as a stream and held", async () => {
  const data = new MemoryStore("data");
  const keys = ["a//1.png", "a/1.png", "a///0.png", "😀.png", "\ue000.png"];
  for (const key of keys) await put(data, key, 1);
  for (let i = 0; i < 12; i++) await put(data, `b/${i}.png`, i);
  const found: string[][] = [];
  for (const heldImages of [4, 1000]) {
    const out = new MemoryStore("out");
    const first = await plan(data, out, { heldImages, limit: 3 });
    await finish(first, data);
    const second = await plan(data, out, { heldImages });
    await finish(second, data);
    assert.deepEqual(await keysOf(await plan(data, out, { heldImages })), []);
    found.push([...await keysOf(first), "then", ...await keysOf(second)]);
  }
  assert.deepEqual(found[0], found[1]);
  assert.equal(found[0]!.length, 12 + 5 + 1);
});
