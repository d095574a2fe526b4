import assert from "node:assert/strict";
import { manifestPartKey } from "../../lib/batch/manifest/stored_items.ts";
import { manifestKey, runOf } from "../../lib/batch/manifest.ts";
import { mergeRun } from "../../lib/batch/merge.ts";
import { openPlan, planRun } from "../../lib/batch/plan.ts";
import type { Plan } from "../../lib/batch/run.ts";
import { runShard } from "../../lib/batch/work.ts";
import { png } from "../data/trees.ts";
import { assertForgedRefused, type Change } from "./_forged_manifest.ts";
import { MemoryStore } from "./_memory_store.ts";
import {
  FakeDetector,
  itemsOf,
  keysOf,
  mergeTimeless,
  only,
  options,
  scoreAll,
} from "./_runs.ts";

/** A folder of so many images. */
async function folderOf(images: number): Promise<MemoryStore> {
  const data = new MemoryStore("data");
  for (let i = 0; i < images; i++) {
    await data.put(`${i}.png`, new Uint8Array(await png(i)));
  }
  return data;
}

function planIn(data: MemoryStore, out: MemoryStore, changes = {}) {
  const input = { uri: data.uri, stores: only(data) };
  return planRun(input, out, options(changes));
}

/** The keys of the parts of a manifest that a store was asked for. */
class WatchedStore extends MemoryStore {
  readonly parts: string[] = [];

  override read(...[key, ...rest]: Parameters<MemoryStore["read"]>) {
    if (key.startsWith("manifests/")) this.parts.push(key);
    return super.read(key, ...rest);
  }
}

function partKeys(out: MemoryStore): Promise<string[]> {
  return keysOf(out, "manifests/");
}

Deno.test("planRun() writes parts where a run has more images than one holds", async () => {
  const cases = [[1, 0], [4, 0], [5, 2], [8, 2], [9, 3]] as const;
  for (const [images, parts] of cases) {
    const data = await folderOf(images);
    const out = new MemoryStore("out");
    const plan = await planIn(data, out, { heldImages: 4, shards: 2 });
    assert.equal(plan.items.length, images);
    assert.equal((await partKeys(out)).length, parts, `${images} images`);
    const whole = new MemoryStore("whole");
    const one = await planIn(data, whole, { shards: 2 });
    assert.deepEqual(await itemsOf(plan), await itemsOf(one));
    assert.deepEqual(plan.ranges, one.ranges);
    assert.deepEqual(plan.counts, one.counts);
    assert.equal(plan.run === one.run, parts === 0);
    assert.equal(runOf(await out.read(manifestKey(plan.run))), plan.run);
    const opened = await openPlan(out, plan.run);
    assert.deepEqual(opened, plan);
    assert.deepEqual(await itemsOf(opened), await itemsOf(plan));
    const again = await planIn(data, out, { heldImages: 4, shards: 2 });
    assert.equal(again.run, plan.run);
  }
});

Deno.test("planRun() has no parts where nothing is new", async () => {
  const data = await folderOf(6);
  const out = new MemoryStore("out");
  const changes = { heldImages: 4, since: "last" };
  const first = await planIn(data, out, changes);
  await scoreAll(first, { stores: only(data) });
  await mergeRun(first, { stores: only(data) });
  const second = await planIn(data, out, changes);
  assert.equal(second.items.length, 0);
  assert.deepEqual(await itemsOf(second), []);
  assert.equal((await partKeys(out)).length, 2);
});

Deno.test("slice() of a run reads the parts with its images alone", async () => {
  const data = await folderOf(10);
  const out = new WatchedStore("out");
  const plan = await planIn(data, out, { heldImages: 3 });
  const all = await itemsOf(plan);
  const read = async (start: number, end?: number) => {
    out.parts.length = 0;
    const some = await Array.fromAsync(plan.items.slice(start, end));
    assert.deepEqual(some, all.slice(start, end));
    return out.parts.length;
  };
  const reads = [await read(0, 3), await read(2, 4), await read(9, 10)];
  assert.deepEqual(reads, [1, 2, 1]);
  assert.deepEqual([await read(4, 4), await read(10), await read(3)], [
    0,
    0,
    3,
  ]);
});

Deno.test("a run in parts gives what the run in one file gives", async () => {
  const data = await folderOf(11);
  const stores = only(data);
  const results = [];
  for (const heldImages of [4, 100]) {
    const out = new WatchedStore("out");
    const plan = await planIn(data, out, { heldImages, shards: 3 });
    for (const shard of [0, 1, 2]) {
      out.parts.length = 0;
      const opened = await openPlan(out, plan.run);
      await runShard(new FakeDetector(), opened, { shard, stores });
      const { start, end } = plan.ranges[shard]!;
      const own = Math.ceil(end / 4) - Math.floor(start / 4);
      assert.equal(out.parts.length, heldImages === 4 ? own : 0);
    }
    results.push(await mergeTimeless(await openPlan(out, plan.run), stores));
  }
  assert.deepEqual(results[0], results[1]);
});

async function assertDamaged(plan: Plan, location: RegExp): Promise<void> {
  await assert.rejects(itemsOf(plan), {
    name: "DataSetError",
    message: location,
  });
}

Deno.test("a run refuses parts that are missing or damaged", async () => {
  const data = await folderOf(6);
  const out = new MemoryStore("out");
  const plan = await planIn(data, out, { heldImages: 4 });
  const [key = ""] = await partKeys(out);
  const message =
    /^Cannot read the images of the run as each part of its manifest must be as it was written: memory:\/\/out\/manifests\/[0-9a-f]{64}\.jsonl is missing or damaged$/;
  const bytes = await out.read(key);
  await out.put(key, bytes.slice(1));
  await assertDamaged(plan, message);
  await assert.rejects(planIn(data, out, { heldImages: 4 }), {
    name: "DataSetError",
    message,
  });
  await out.delete(key);
  await assertDamaged(plan, message);
  const again = await planIn(data, out, { heldImages: 4 });
  assert.equal(again.run, plan.run);
  assert.equal((await itemsOf(plan)).length, 6);
});

Deno.test("openPlan() refuses an index that does not add up, though its hash is right", async () => {
  const data = await folderOf(6);
  const out = new MemoryStore("out");
  const { run } = await planIn(data, out, { heldImages: 4, shards: 2 });
  const changes: readonly Change[] = [
    ['"images":6', '"images":7'],
    ['"ends":[3,6]', '"ends":[3]'],
    ['"ends":[3,6]', '"ends":[6,3]'],
    ['"ends":[3,6]', '"ends":[3,5]'],
    ['"sha256":"', '"sha256":"../'],
    [/\{"images":2.*\n/, ""],
    ['"version":2', '"version":3'],
  ];
  await assertForgedRefused(out, run, changes);
});

Deno.test("planRun() goes on with a large run that lies in one file", async () => {
  const data = await folderOf(6);
  const out = new MemoryStore("out");
  const earlier = await planIn(data, out);
  const plan = await planIn(data, out, { heldImages: 4 });
  assert.equal(plan.run, earlier.run);
  assert.deepEqual(await itemsOf(plan), await itemsOf(earlier));
  assert.notEqual(
    (await planIn(data, out, { heldImages: 4, smooth: 1 })).run,
    earlier.run,
  );
});

Deno.test("a manifest part is named by its content", async () => {
  const data = await folderOf(6);
  const out = new MemoryStore("out");
  await planIn(data, out, { heldImages: 4 });
  await planIn(data, out, { heldImages: 4, smooth: 1 });
  const keys = await partKeys(out);
  assert.equal(keys.length, 2);
  for (const key of keys) {
    assert.equal(manifestPartKey(runOf(await out.read(key))), key);
  }
});

Deno.test("planRun() takes the same part of a data set as a stream and held", async () => {
  const data = new MemoryStore("data");
  for (let i = 0; i < 40; i++) {
    const kind = i % 3 === 0 ? "bad" : "good";
    const bytes = new Uint8Array([i]);
    await data.put(`${i % 2 === 0 ? "nut" : "bolt"}/${kind}/${i}.png`, bytes);
  }
  const choices = [
    {},
    { limit: 3 },
    { limitTotal: 11 },
    { limit: 9, limitTotal: 11 },
    { sample: 4, seed: 2 },
    { sample: 100, limitTotal: 12 },
    { categories: ["nut"], limit: 5 },
  ];
  for (const choice of choices) {
    const plans = [];
    for (const heldImages of [8, 1000]) {
      const out = new MemoryStore("out");
      plans.push(await planIn(data, out, { ...choice, heldImages, shards: 3 }));
    }
    const [large, small] = plans;
    assert.deepEqual(await itemsOf(large!), await itemsOf(small!));
    assert.deepEqual(large!.header, small!.header);
    assert.deepEqual(large!.ranges, small!.ranges);
    assert.deepEqual(large!.counts, small!.counts);
  }
});
