import assert from "node:assert/strict";
import { mergeRun } from "../../lib/batch/merge.ts";
import { partKey } from "../../lib/batch/part.ts";
import { planRun } from "../../lib/batch/plan.ts";
import type { Plan } from "../../lib/batch/run.ts";
import { readNotes, readScores } from "../../lib/results/scores_parquet.ts";
import { entriesOf, packTar, png } from "../data/trees.ts";
import { MemoryStore } from "./_memory_store.ts";
import { keysOf, mergeRows, only, options, scoreAll } from "./_runs.ts";

const IMAGES = 23;

/** Images of two products, in an order of keys that buckets do not have. */
async function files(): Promise<Record<string, Uint8Array>> {
  const tree: Record<string, Uint8Array> = {};
  for (let i = 0; i < IMAGES - 2; i++) {
    tree[`${i % 2 === 0 ? "nut" : "bolt"}/good/${i}.png`] = await png(i);
  }
  tree["bolt/bad/😀.png"] = await png(200);
  tree["bolt/bad/\ue000.png"] = new TextEncoder().encode("no image");
  return tree;
}

async function planned(changes = {}): Promise<{
  plan: Plan;
  data: MemoryStore;
  out: MemoryStore;
}> {
  const data = new MemoryStore("data");
  for (const [key, bytes] of Object.entries(await files())) {
    await data.put(key, new Uint8Array(bytes));
  }
  const out = new MemoryStore("out");
  const input = { uri: data.uri, stores: only(data) };
  const plan = await planRun(input, out, options({ shards: 3, ...changes }));
  return { plan, data, out };
}

async function text(out: MemoryStore, key: string): Promise<string> {
  return new TextDecoder().decode(await out.read(key));
}

Deno.test("mergeRun() as a stream gives what it gives from memory", async () => {
  const { plan, data, out } = await planned({ heldImages: 5 });
  const stores = only(data);
  await scoreAll(plan, { stores, partImages: 4 });
  const folder = `runs/${plan.run}`;
  const held = await mergeRows(plan, { stores, heldImages: 100 });
  const names = ["scores.csv", "figures.csv", "report.html", "summary.json"];
  const before = await Promise.all(
    names.map((name) => text(out, `${folder}/${name}`)),
  );
  const notes = readNotes(await out.read(`${folder}/scores.parquet`));
  for (const heldImages of [1, 4, IMAGES - 1, IMAGES, IMAGES + 1]) {
    const large = await mergeRows(plan, { stores, heldImages });
    assert.deepEqual(large.summary, held.summary);
    const withoutNotes = large.rows.map(({ note: _, ...row }) => row);
    assert.deepEqual(withoutNotes, held.rows);
    const after = await Promise.all(
      names.map((name) => text(out, `${folder}/${name}`)),
    );
    assert.deepEqual(after, before);
    const parquet = await out.read(`${folder}/scores.parquet`);
    assert.deepEqual(await readScores(parquet), large.rows);
    assert.deepEqual(readNotes(parquet), notes);
  }
});

Deno.test("mergeRun() as a stream orders the rows of an archive", async () => {
  const tar = await packTar(entriesOf(await files()).toReversed());
  const data = new MemoryStore("data");
  await data.put("set.tar", new Uint8Array(tar));
  const stores = only(data);
  const out = new MemoryStore("out");
  const input = { uri: "set.tar", stores };
  const plan = await planRun(input, out, options({ shards: 2, heldImages: 4 }));
  await scoreAll(plan, { stores, partImages: 3 });
  const { rows } = await mergeRows(plan, { stores, heldImages: 4 });
  const keys = rows.map(({ key }) => key);
  assert.equal(keys.length, IMAGES);
  assert.deepEqual(keys, keys.toSorted());
});

Deno.test("mergeRun() as a stream writes nothing of a run without all parts", async () => {
  const { plan, data, out } = await planned({ heldImages: 5 });
  const stores = only(data);
  await scoreAll(plan, { stores, partImages: 4 });
  const { start } = plan.ranges[1]!;
  await out.delete(partKey({ run: plan.run, shard: 1, start: start + 4 }));
  const before = await keysOf(out, `runs/${plan.run}/`);
  await assert.rejects(mergeRun(plan, { stores, heldImages: 2 }), {
    name: "RunError",
    message: /shards not complete are 1$/,
  });
  const errors = `runs/${plan.run}/errors/`;
  const after = await keysOf(out, `runs/${plan.run}/`);
  assert.deepEqual(
    after.filter((key) => !key.startsWith(errors)),
    before.filter((key) => !key.startsWith(errors)),
  );
});

Deno.test("mergeRun() as a stream counts a part once, and refuses those of others", async () => {
  const { plan, data, out } = await planned({ heldImages: 5 });
  const stores = only(data);
  await scoreAll(plan, { stores, partImages: 4 });
  const { run } = plan;
  const calm = await mergeRows(plan, { stores, heldImages: 2 });
  const first = await out.read(partKey({ run, shard: 0, start: 0 }));
  // A second copy at another place is beside the chain.
  await out.put(partKey({ run, shard: 0, start: 1 }), first);
  const again = await mergeRows(plan, { stores, heldImages: 2 });
  assert.deepEqual(again, calm);
  const { end } = plan.ranges[0]!;
  await out.put(partKey({ run, shard: 1, start: end }), first);
  await assert.rejects(mergeRun(plan, { stores, heldImages: 2 }), {
    name: "DataSetError",
    message: /as it must be a part of this run: /,
  });
});

Deno.test("mergeRun() as a stream fails where the store does", async () => {
  const { plan, data, out } = await planned({ heldImages: 5 });
  const stores = only(data);
  await scoreAll(plan, { stores, partImages: 4 });
  const put = out.put.bind(out);
  out.put = async (key, body) => {
    if (key.endsWith("scores.csv")) throw new Error("the disk is full");
    await put(key, body);
  };
  await assert.rejects(mergeRun(plan, { stores, heldImages: 2 }), {
    message: "the disk is full",
  });
  assert.deepEqual(await keysOf(out, `runs/${plan.run}/s`), []);
});
