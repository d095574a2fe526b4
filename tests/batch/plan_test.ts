import assert from "node:assert/strict";
import { manifestKey, runOf } from "../../lib/batch/manifest.ts";
import { mergeRun } from "../../lib/batch/merge.ts";
import { openPlan, planRun } from "../../lib/batch/plan.ts";
import type { Plan } from "../../lib/batch/run.ts";
import { listRuns } from "../../lib/batch/runs.ts";
import { mvtecTree, png, type Tree, withFolder } from "../data/trees.ts";
import { assertForgedRefused, type Change } from "./_forged_manifest.ts";
import { MemoryStore } from "./_memory_store.ts";
import {
  input,
  itemsOf,
  keysOf,
  only,
  options,
  scoreAll,
  withOut,
} from "./_runs.ts";

const text = new TextEncoder();

async function planIn(data: MemoryStore, out: MemoryStore, changes = {}) {
  const stores = only(data);
  return await planRun({ uri: data.uri, stores }, out, options(changes));
}

async function dataOf(tree: Tree): Promise<MemoryStore> {
  const data = new MemoryStore("data");
  for (const [key, bytes] of Object.entries(tree)) {
    await data.put(key, new Uint8Array(bytes));
  }
  return data;
}

Deno.test("planRun() writes a manifest whose hash is the run", async () => {
  await withFolder(await mvtecTree(), async (folder) => {
    await withOut(async (out) => {
      const plan = await planRun(input(folder), out, options({ shards: 3 }));
      const bytes = await out.read(manifestKey(plan.run));
      assert.equal(runOf(bytes), plan.run);
      assert.deepEqual(await openPlan(out, plan.run), plan);
      const again = await planRun(input(folder), out, options({ shards: 3 }));
      assert.equal(again.run, plan.run);
      assert.deepEqual(
        (await itemsOf(plan)).map((
          { key, label, masks },
        ) => [key, label, masks[0] ?? null]),
        [
          [
            "bottle/test/broken_large/000.png",
            1,
            "bottle/ground_truth/broken_large/000_mask.png",
          ],
          [
            "bottle/test/broken_large/001.png",
            1,
            "bottle/ground_truth/broken_large/001_mask.png",
          ],
          ["bottle/test/good/000.png", 0, null],
          [
            "metal_nut/test/bent/000.PNG",
            1,
            "metal_nut/ground_truth/bent/000_mask.png",
          ],
          ["metal_nut/test/good/000.png", 0, null],
        ],
      );
      assert.ok(
        (await itemsOf(plan)).every(({ size, etag }) =>
          size > 0 && etag !== ""
        ),
      );
    });
  });
});

Deno.test("planRun() gives another run for other settings or bytes", async () => {
  const data = await dataOf({ "a/1.png": await png(1), "2.png": await png(2) });
  const out = new MemoryStore("out");
  const changes = [
    {},
    { shards: 2 },
    { smooth: 4 },
    { heatRange: [0, 0.5] },
    { prompts: "aa" },
    { model: { name: "fake", fingerprint: "1" } },
    { ignoreOrientation: true },
    { limitTotal: 1 },
    { object: "cup" },
    { categories: ["a"] },
  ];
  const runs = new Set<string>();
  for (const change of changes) runs.add((await planIn(data, out, change)).run);
  await data.put("a/1.png", new Uint8Array(await png(9)));
  runs.add((await planIn(data, out)).run);
  assert.equal(runs.size, changes.length + 1);
  assert.deepEqual(await Array.fromAsync(listRuns(out)), [...runs].sort());
});

Deno.test("planRun() reads lists of addresses", async () => {
  const csv = [
    "uri,category,label,mask",
    'images/1.png,"cup, blue",1,masks/1.png',
    "images/2.png,,0,",
    "images/gone.png,cup,,",
  ].join("\r\n");
  const lines = [
    {
      uri: "images/1.png",
      category: "cup, blue",
      label: 1,
      mask: "masks/1.png",
    },
    { uri: "images/2.png", label: "0" },
    { uri: "images/gone.png", category: "cup", label: null },
  ].map((line) => `${JSON.stringify(line)}\n`).join("\n");
  const tree = {
    "list.csv": text.encode(`\ufeff${csv}`),
    "list.jsonl": text.encode(lines),
    "images/1.png": await png(1),
    "images/2.png": await png(2),
    "masks/1.png": await png(255),
  };
  await withFolder(tree, async (folder) => {
    await withOut(async (out) => {
      const [csv, jsonl] = await Promise.all(
        ["list.csv", "list.jsonl"].map((name) =>
          planRun(input(`${folder}/${name}`), out, options())
        ),
      );
      assert.deepEqual(await itemsOf(csv!), await itemsOf(jsonl!));
      assert.deepEqual(csv!.header.categories, ["cup", "cup, blue", "object"]);
      assert.deepEqual(
        (await itemsOf(csv!)).map(({ key, category, label, size }) => [
          key,
          category,
          label,
          size > 0,
        ]),
        [
          ["images/1.png", "cup, blue", 1, true],
          ["images/2.png", "object", 0, true],
          ["images/gone.png", "cup", null, false],
        ],
      );
      const [outcome] = await scoreAll(csv!);
      assert.deepEqual([outcome?.done, outcome?.errors], [3, 1]);
    });
  });
});

Deno.test("planRun() refuses lists that are not as they must be", async () => {
  const lists: Record<string, string> = {
    "empty.csv": "uri,category,label,mask\n",
    "columns.csv": "name,score\na.png,1\n",
    "label.csv": "uri,label\na.png,2\n",
    "twice.csv": "uri\na.png\na.png\n",
    "outside.csv": "uri\n../a.png\n",
    "ragged.csv": "uri,label\na.png\n",
    "none.csv": "category\nx\n",
    "text.jsonl": '{"uri":"a.png"}\nno json\n',
  };
  const tree = Object.fromEntries(
    Object.entries(lists).map(([name, list]) => [name, text.encode(list)]),
  );
  await withFolder(tree, async (folder) => {
    await withOut(async (out) => {
      for (const name of Object.keys(lists)) {
        await assert.rejects(
          () => planRun(input(`${folder}/${name}`), out, options()),
          { name: "DataSetError", message: /^Cannot read the list file:/ },
          name,
        );
      }
    });
  });
});

Deno.test("planRun() since another run takes only what is new or changed", async () => {
  const data = await dataOf({ "1.png": await png(1), "2.png": await png(2) });
  const out = new MemoryStore("out");
  const stores = only(data);
  const keys = async (plan: Plan) =>
    (await itemsOf(plan)).map(({ key }) => key);
  const first = await planIn(data, out, { since: "last" });
  assert.deepEqual(await keys(first), ["1.png", "2.png"]);
  await data.put("3.png", new Uint8Array(await png(3)));
  const unfinished = await planIn(data, out, { since: "last" });
  assert.deepEqual(await keys(unfinished), ["1.png", "2.png", "3.png"]);
  await scoreAll(first, { stores });
  await mergeRun(first, { stores });
  await data.put("2.png", new Uint8Array(await png(7)));
  const second = await planIn(data, out, { since: "last" });
  assert.deepEqual(await keys(second), ["2.png", "3.png"]);
  assert.deepEqual(second.header.since, [first.run]);
  await scoreAll(second, { stores });
  await mergeRun(second, { stores });
  const nothing = await planIn(data, out, { since: "last" });
  assert.deepEqual(await keys(nothing), []);
  assert.deepEqual(nothing.header.since, [second.run, first.run].sort());
  await data.put("4.png", new Uint8Array(await png(4)));
  const third = await planIn(data, out, { since: second.run, limit: 1 });
  assert.deepEqual(await keys(third), ["4.png"]);
});

Deno.test("planRun() gives the workers of a job one plan", async () => {
  const data = await dataOf({ "1.png": await png(1) });
  const out = new MemoryStore("out");
  const job = { shards: 2, job: "nightly/2026-11-24" };
  const first = await planIn(data, out, job);
  await data.put("2.png", new Uint8Array(await png(2)));
  assert.deepEqual(await planIn(data, out, job), first);
  assert.equal((await planIn(data, out, { shards: 2 })).items.length, 2);
  await assert.rejects(() => planIn(data, out, { ...job, shards: 3 }), {
    name: "RunError",
    message: /^Cannot join the job nightly\/2026-11-24 as its workers must /,
  });
  const racing = { shards: 2, job: "racing" };
  const plans = await Promise.all(
    [1, 2, 3].map(() => planIn(data, out, racing)),
  );
  assert.equal(new Set(plans.map(({ run }) => run)).size, 1);
});

Deno.test("planRun() refuses what it cannot score, and results in the input", async () => {
  const out = new MemoryStore("out");
  await assert.rejects(() => planIn(new MemoryStore("data"), out), {
    name: "DataSetError",
    message:
      "Cannot open the data set at memory://data/ as it must hold images: nothing was found",
  });
  const data = await dataOf({ "1.png": await png(1) });
  await assert.rejects(() => planIn(data, new MemoryStore("data/out")), {
    name: "RunError",
    message:
      "Cannot write results to memory://data/out/ as it must lie outside the input, memory://data/",
  });
  for (const change of [{ shards: 0 }, { limit: 0.5 }, { object: "" }]) {
    await assert.rejects(() => planIn(data, out, change), {
      name: "RunError",
      message: /^Cannot plan a run as /,
    });
  }
  assert.deepEqual(await keysOf(out, ""), []);
});

Deno.test("openPlan() refuses runs that are unknown or damaged", async () => {
  const data = await dataOf({ "1.png": await png(1) });
  const out = new MemoryStore("out");
  const { run } = await planIn(data, out);
  await assert.rejects(() => openPlan(out, "../x"), {
    name: "DataSetError",
    message: /^Cannot open a run as its id must be 64 hexadecimal digits/,
  });
  await assert.rejects(() => openPlan(out, "0".repeat(64)), {
    name: "DataSetError",
    message: /^Cannot open the run as it must be planned first/,
  });
  const bytes = await out.read(manifestKey(run));
  await out.put(manifestKey(run), bytes.slice(0, -5));
  await assert.rejects(() => openPlan(out, run), {
    name: "DataSetError",
    message: /^Cannot open the run as its manifest must be as it was written/,
  });
});

Deno.test("openPlan() refuses manifests of another shape, though their hash is right", async () => {
  const data = await dataOf({ "1.png": await png(1) });
  const out = new MemoryStore("out");
  const { run } = await planIn(data, out);
  const changes: readonly Change[] = [
    [/^.*\n/, ""],
    ['"version":1', '"version":2'],
    ['"shards":1', '"shards":1e9999'],
    ['"kind":"folder"', '"kind":"cloud"'],
    ['"label":null', '"label":2'],
    ['"size":', '"size":-'],
    ['"key":"1.png"', '"key":["1.png"]'],
    [/\n$/, "\n[]\n"],
  ];
  await assertForgedRefused(out, run, changes);
});
