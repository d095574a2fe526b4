import assert from "node:assert/strict";
import { planRun } from "../../lib/batch/plan.ts";
import type { Plan } from "../../lib/batch/run.ts";
import type { Stores } from "../../lib/batch/stores.ts";
import { runShard, type ShardProgress } from "../../lib/batch/work.ts";
import { StorageError, tooLarge } from "../../lib/storage/object_store.ts";
import { entriesOf, mask, packTar, png, type Tree } from "../data/trees.ts";
import { MemoryStore } from "./_memory_store.ts";
import {
  FakeDetector,
  keysOf,
  mergeTimeless,
  only,
  options,
  scoreAll,
  withHooks,
} from "./_runs.ts";

/** Images in one folder, each of its own grey. */
async function images(count: number): Promise<Tree> {
  const entries = Array.from({ length: count }, async (_, i) => {
    const defect = i % 3 === 0;
    const kind = defect ? "crack" : "good";
    const name = `${i}`.padStart(3, "0");
    const image = [`cup/test/${kind}/${name}.png`, await png(i * 5)] as const;
    const path = `cup/ground_truth/crack/${name}_mask.png`;
    return defect ? [image, [path, await mask(i + 1)] as const] : [image];
  });
  return Object.fromEntries((await Promise.all(entries)).flat());
}

const COUNT = 40;
const FORTY = images(COUNT);

interface MemoryRun {
  readonly plan: Plan;
  readonly stores: Stores;
  readonly data: MemoryStore;
}

async function memoryRun(tree: Tree, shards = 1): Promise<MemoryRun> {
  const data = new MemoryStore("data");
  for (const [key, bytes] of Object.entries(tree)) {
    await data.put(key, new Uint8Array(bytes));
  }
  const stores = only(data);
  const input = { uri: data.uri, stores };
  const out = new MemoryStore("out");
  return { plan: await planRun(input, out, options({ shards })), stores, data };
}

/** What one worker that nothing disturbs finds out. */
async function undisturbed({ stores, data }: MemoryRun) {
  const input = { uri: data.uri, stores };
  const plan = await planRun(input, new MemoryStore("calm"), options());
  await scoreAll(plan, { stores });
  const maps = await keysOf(plan.out, `runs/${plan.run}/heatmaps/`);
  return { merged: await mergeTimeless(plan, stores), maps: maps.length };
}

function keysIn({ out, run }: Plan, folder: string): Promise<string[]> {
  return keysOf(out, `runs/${run}/${folder}/`);
}

const unavailable = new StorageError("Cannot reach it", "unavailable");

Deno.test("runShard() goes on after its last part", async () => {
  const { plan, stores } = await memoryRun(await FORTY);
  let creates = 0;
  const before = () => {
    if (++creates > 25) throw unavailable;
  };
  const dying = { ...plan, out: withHooks(plan.out, { before }) };
  const at = { shard: 0, stores, partImages: 4 };
  await assert.rejects(
    () => runShard(new FakeDetector(), dying, at),
    unavailable,
  );
  const parts = await keysIn(plan, "parts");
  assert.ok(parts.length >= 1 && parts.length < 7, `${parts.length} parts`);
  const detector = new FakeDetector();
  const seen: ShardProgress[] = [];
  const onProgress = (progress: ShardProgress) => void seen.push(progress);
  const { resumed } = await runShard(detector, plan, { ...at, onProgress });
  assert.equal(resumed, 4 * parts.length);
  assert.equal(detector.seen, COUNT - resumed);
  assert.equal(seen[0]?.done, resumed);
  const end = { done: COUNT, total: COUNT, resumed, errors: 0 };
  assert.deepEqual(seen.at(-1), end);
  const idle = new FakeDetector();
  assert.equal((await runShard(idle, plan, at)).resumed, COUNT);
  assert.equal(idle.seen, 0);
});

Deno.test("runShard() beside other workers counts each image once", async () => {
  const run = await memoryRun(await FORTY);
  const { plan, stores } = run;
  const racers = [3, 5, 4].map((partImages) => {
    const batchSize = partImages - 1;
    const at = { shard: 0, stores, partImages, batchSize };
    return runShard(new FakeDetector(), plan, at);
  });
  for (const { done, stopped } of await Promise.all(racers)) {
    assert.deepEqual([done, stopped], [COUNT, false]);
  }
  const maps = (await keysIn(plan, "heatmaps")).length;
  const merged = await mergeTimeless(plan, stores);
  assert.deepEqual({ merged, maps }, await undisturbed(run));
});

Deno.test("runShard() abandons what takes too long once it is stopped", async () => {
  const { plan, stores } = await memoryRun(await FORTY);
  const stop = new AbortController();
  const detector = new FakeDetector();
  detector.pause = () =>
    detector.seen < 20 ? Promise.resolve() : new Promise(() => stop.abort());
  const outcome = await runShard(detector, plan, {
    shard: 0,
    stores,
    signal: stop.signal,
    graceSeconds: 0.05,
  });
  assert.ok(outcome.stopped && outcome.done <= 20, `${outcome.done} done`);
  const parts = await keysIn(plan, "parts");
  assert.equal(parts.length, outcome.done > 0 ? 1 : 0);
  const maps = await keysIn(plan, "heatmaps");
  assert.ok(maps.length <= 20, `${maps.length} heatmaps`);
  await scoreAll(plan, { stores });
  assert.equal((await mergeTimeless(plan, stores)).summary.images, COUNT);
});

Deno.test("runShard() writes what is done once it is stopped", async () => {
  const { plan, stores } = await memoryRun(await FORTY);
  const stop = new AbortController();
  const at = { shard: 0, stores };
  const { stopped, done } = await runShard(new FakeDetector(), plan, {
    ...at,
    signal: stop.signal,
    onProgress: ({ done }) => done === 3 && stop.abort(),
  });
  assert.ok(stopped && done >= 3 && done < COUNT, `${done} done`);
  assert.equal((await keysIn(plan, "heatmaps")).length, done);
  const again = await runShard(new FakeDetector(), plan, at);
  assert.equal(again.resumed, done);
});

Deno.test("runShard() does nothing where it is stopped before", async () => {
  const { plan, stores } = await memoryRun(await images(3));
  const signal = AbortSignal.abort();
  const detector = new FakeDetector();
  const at = { shard: 0, stores, signal };
  const { stopped, done } = await runShard(detector, plan, at);
  assert.deepEqual([stopped, done, detector.seen], [true, 0, 0]);
});

Deno.test("runShard() makes a row of each bad image, with its stage", async () => {
  const { plan, stores, data } = await memoryRun({
    ...await images(4),
    "cup/test/crack/bad_mask.png": await png(3),
    "cup/ground_truth/crack/bad_mask_mask.png": await mask(1, 5),
    "cup/test/good/gone.png": await png(1),
    "cup/test/good/changed.png": await png(1),
    "cup/test/good/text.png": new TextEncoder().encode("no image"),
  });
  await data.delete("cup/test/good/gone.png");
  const changed = (await png(1)).slice(0, 50);
  await data.put("cup/test/good/changed.png", new Uint8Array(changed));
  const [outcome] = await scoreAll(plan, { stores });
  assert.deepEqual([outcome?.done, outcome?.errors], [8, 3]);
  const [key] = await keysIn(plan, "errors");
  const text = new TextDecoder().decode(await plan.out.read(key!));
  const lines = text.trim().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual(
    lines.map(({ key, stage }) => [key.split("/").at(-1), stage]),
    [
      ["changed.png", "read"],
      ["gone.png", "read"],
      ["text.png", "decode"],
    ],
  );
  for (const { category, reason } of lines) {
    assert.equal(category, "cup");
    assert.match(reason, /^Cannot /);
  }
  const { summary, rows } = await mergeTimeless(plan, stores);
  assert.equal(summary.errors, 3);
  assert.equal(rows.filter(({ error }) => error === null).length, 5);
  assert.deepEqual(summary.categories.cup?.mask_notes, { other_size: 1 });
});

Deno.test("runShard() makes a row of an image without an end", async () => {
  const { plan, stores, data } = await memoryRun(await images(3));
  const asked: unknown[] = [];
  const endless = only({
    ...withHooks(data, {}),
    async read(key, options) {
      asked.push(options?.maxBytes);
      if (key.endsWith("002.png")) throw tooLarge(key, options!.maxBytes!);
      return await data.read(key, options);
    },
  });
  const [outcome] = await scoreAll(plan, { stores: endless });
  assert.deepEqual([outcome?.done, outcome?.errors], [3, 1]);
  assert.deepEqual(new Set(asked), new Set([2 ** 29]));
  const { rows } = await mergeTimeless(plan, stores);
  const [bad] = rows.filter(({ error }) => error !== null);
  assert.match(bad!.error!, /^Cannot read \S+002.png as it must have at most/);
});

Deno.test("runShard() makes a row of an image that this user may not read", async () => {
  const { plan, stores, data } = await memoryRun(await images(3));
  const error = new StorageError("Cannot read it", "unreadable");
  const broken = only({
    ...withHooks(data, {}),
    read: (key, options) =>
      key.endsWith("002.png") ? Promise.reject(error) : data.read(key, options),
  });
  const [outcome] = await scoreAll(plan, { stores: broken });
  assert.deepEqual([outcome?.done, outcome?.errors], [3, 1]);
  const [key] = await keysIn(plan, "errors");
  const { stage } = JSON.parse(
    new TextDecoder().decode(await plan.out.read(key!)),
  );
  // A later run reads it again.
  assert.equal(stage, "read");
  const { rows } = await mergeTimeless(plan, stores);
  assert.equal(rows.find(({ error }) => error !== null)?.error, error.message);
});

Deno.test("runShard() fails where a store does, and blames no image", async () => {
  const { plan, stores, data } = await memoryRun(await images(9));
  const read = () => Promise.reject(unavailable);
  const broken = only({ ...withHooks(data, {}), read });
  const at = { shard: 0, stores: broken };
  await assert.rejects(
    () => runShard(new FakeDetector(), plan, at),
    unavailable,
  );
  const [outcome] = await scoreAll(plan, { stores });
  assert.deepEqual([outcome?.resumed, outcome?.errors], [0, 0]);
});

Deno.test("planRun() and runShard() fail where the store of a tar does", async () => {
  const data = new MemoryStore("data");
  const bytes = await packTar(entriesOf(await images(9)));
  await data.put("set.tar", new Uint8Array(bytes));
  const whole = { uri: "set.tar", stores: only(data) };
  const broken = only({
    ...withHooks(data, {}),
    stream: async (key, options) => {
      const bytes = await data.read(key, options);
      const chunks = (async function* () {
        yield bytes.subarray(0, 6000);
        if (bytes.length > 6000) throw unavailable;
      })();
      return ReadableStream.from(chunks);
    },
  });
  const out = new MemoryStore("out");
  const planning = planRun({ ...whole, stores: broken }, out, options());
  await assert.rejects(planning, unavailable);
  const plan = await planRun(whole, out, options());
  const at = { shard: 0, stores: broken };
  const run = runShard(new FakeDetector(), plan, at);
  await assert.rejects(run, unavailable);
  const [outcome] = await scoreAll(plan, whole);
  assert.deepEqual([outcome?.done, outcome?.errors], [9, 0]);
});

/** Numbers from 0 to below a bound, the same for the same seed. */
function dice(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = Math.imul(state ^ state >>> 15, 0x2c1b3c6d) + 0x9e3779b9 | 0;
    return (state >>> 0) % bound;
  };
}

Deno.test("runShard() killed anywhere and raced loses and doubles nothing", async () => {
  const run = await memoryRun(await FORTY, 2);
  const { plan, stores } = run;
  const roll = dice(7);
  let deaths = 0;
  for (let round = 0; round < 40; round++) {
    const racers = Array.from({ length: 1 + roll(2) }, () => {
      let left = roll(7);
      const die = () => {
        if (left-- !== 0) return;
        deaths++;
        throw unavailable;
      };
      const hooks = roll(2) === 0 ? { before: die } : { after: die };
      const out = withHooks(plan.out, hooks);
      return runShard(new FakeDetector(), { ...plan, out }, {
        shard: roll(2),
        stores,
        partImages: 1 + roll(5),
        batchSize: 1 + roll(3),
      });
    });
    await Promise.allSettled(racers);
  }
  assert.ok(deaths >= 10, `${deaths} deaths`);
  await scoreAll(plan, { stores });
  const maps = (await keysIn(plan, "heatmaps")).length;
  const merged = await mergeTimeless(plan, stores);
  assert.deepEqual({ merged, maps }, await undisturbed(run));
});
