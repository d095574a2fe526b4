import assert from "node:assert/strict";
import { DuckDBInstance } from "@duckdb/node-api";
import { encodeMaskPng, encodePng } from "../../lib/image/encode.ts";
import { readScores } from "../../lib/results/scores_parquet.ts";
import type { ScoreRow, Summary } from "../../lib/results/summary.ts";
import type { ObjectStore } from "../../lib/storage/object_store.ts";
import { openStore } from "../../lib/storage/open_store.ts";
import { startVerb, survive, type Worker } from "./batch_workers.ts";
import { startFaultProxy } from "./fault_proxy.ts";
import { type Radosgw, startRadosgw, whyNoRadosgw } from "./radosgw.ts";

const IMAGES = 1000;
const SIDE = 32;
const SHARDS = 8;
const KILLS = 30;

const reason = await whyNoRadosgw();
if (reason !== undefined) console.error(`Runs on S3 are not tested: ${reason}`);

/** Whole numbers from 0 to below a bound, the same for the same seed. */
function dice(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = Math.imul(state ^ state >>> 15, 0x2c1b3c6d) + 0x9e3779b9 | 0;
    return (state >>> 0) % bound;
  };
}

type Files = [string, Uint8Array][];

/** An image of noise on grey; a defect is a bright square, with its mask. */
async function filesOf(index: number): Promise<Files> {
  const roll = dice(index + 1);
  const data = new Uint8Array(SIDE * SIDE * 3).map(() => 90 + roll(60));
  const category = ["bolt", "cup", "tile"][index % 3]!;
  const name = `${`${index}`.padStart(4, "0")}`;
  const isGood = index % 5 !== 0;
  const mask = new Uint8Array(SIDE * SIDE);
  const at = { x: roll(SIDE - 8), y: roll(SIDE - 8) };
  for (let i = 0; i < 64 && !isGood; i++) {
    const pixel = (at.y + (i >> 3)) * SIDE + at.x + i % 8;
    mask[pixel] = 1;
    data.fill(200 + roll(50), 3 * pixel, 3 * pixel + 3);
  }
  const size = { width: SIDE, height: SIDE };
  const image = await encodePng({ ...size, data });
  if (isGood) return [[`${category}/test/good/${name}.png`, image]];
  return [
    [`${category}/test/spot/${name}.png`, image],
    [
      `${category}/ground_truth/spot/${name}_mask.png`,
      await encodeMaskPng({ ...size, data: mask }),
    ],
  ];
}

async function upload(store: ObjectStore): Promise<void> {
  const next = Array.from({ length: IMAGES }, (_, i) => i).values();
  const work = async () => {
    for (const index of next) {
      for (const [key, bytes] of await filesOf(index)) {
        await store.put(key, new Uint8Array(bytes));
      }
    }
  };
  await Promise.all(Array.from({ length: 8 }, work));
}

/** What two runs over the same images must have in common. */
interface Results {
  readonly summary: Omit<Summary, "seconds">;
  readonly rows: readonly Omit<ScoreRow, "milliseconds">[];
  readonly heatmaps: readonly (readonly [string, string])[];
}

async function runIn(store: ObjectStore): Promise<string> {
  for await (const { key } of store.list("runs/")) {
    const [folder = ""] = /^runs\/[0-9a-f]{64}\//.exec(key) ?? [];
    if (folder !== "") return folder;
  }
  throw new Error("Cannot go on as there must be a run");
}

async function resultsIn(store: ObjectStore): Promise<Results> {
  const run = await runIn(store);
  const json = await store.read(`${run}summary.json`);
  const { seconds: _, ...summary }: Summary = JSON.parse(
    new TextDecoder().decode(json),
  );
  const scores = await readScores(await store.read(`${run}scores.parquet`));
  const rows = scores.map(({ milliseconds: _, ...row }) => row);
  const maps = await Array.fromAsync(store.list(`${run}heatmaps/`));
  const heatmaps = maps.map(({ key, etag }) =>
    [key.slice(run.length), etag] as const
  );
  return { summary, rows, heatmaps };
}

/** What DuckDB makes of the scores. */
async function meanScores(store: ObjectStore): Promise<[string, number][]> {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/scores.parquet`;
    const bytes = await store.read(`${await runIn(store)}scores.parquet`);
    await Deno.writeFile(path, bytes);
    const instance = await DuckDBInstance.create();
    const connection = await instance.connect();
    const reader = await connection.runAndReadAll(
      `select category, avg(score) from '${path}' group by 1 order by 1`,
    );
    return reader.getRows() as [string, number][];
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function meansOf({ rows }: Results): [string, number][] {
  const groups = Map.groupBy(rows, ({ category }) => category);
  return [...groups].map(([category, group]): [string, number] => [
    category,
    group.reduce((sum, { score }) => sum + score!, 0) / group.length,
  ]).sort();
}

async function ended(worker: Worker): Promise<void> {
  const { code, stderr } = await worker.ended;
  assert.equal(code, 0, stderr);
}

const COMMON = ["--threads", "1", "--data", "s3://data/set/"];

async function runUndisturbed(gateway: Radosgw): Promise<void> {
  const out = ["--out", "s3://calm/out/"];
  await ended(
    startVerb(gateway, gateway.endpoint, ["score", ...COMMON, ...out]),
  );
}

async function runDisturbed(gateway: Radosgw): Promise<void> {
  const seed = 20261124;
  await using proxy = startFaultProxy(gateway.endpoint, {
    seed,
    rates: {
      unavailable: 0.04,
      reset: 0.02,
      lost: 0.02,
      cut: 0.02,
      stall: 0.005,
    },
  });
  const out = ["--out", "s3://rough/out/", "--storage-timeout", "3"];
  const start = (shard: number) =>
    startVerb(gateway, proxy.endpoint, [
      ...["score", ...COMMON, ...out, "--job", "rough", "--part-size", "8"],
      ...["--shard", `${shard}`, "--shards", `${SHARDS}`],
    ]);
  const roll = dice(seed);
  const options = { shards: SHARDS, kills: KILLS, proxy, roll, start };
  const ordeal = await survive(options);
  const { requests, faults } = proxy;
  console.log(JSON.stringify({ ...ordeal, requests, faults }));
  assert.ok(ordeal.kills >= KILLS, `${ordeal.kills} kills`);
  assert.ok(ordeal.races > 0);
  for (const [kind, count] of Object.entries(faults)) {
    assert.ok(count > 0, kind);
  }
  const args = ["merge", ...out, "--job", "rough"];
  await ended(startVerb(gateway, proxy.endpoint, args));
}

Deno.test({
  name: "score on a failing bucket gives what an undisturbed run gives",
  ignore: reason !== undefined,
  async fn() {
    await using gateway = await startRadosgw();
    const { endpoint, accessKey, secretKey } = gateway;
    const credentials = { accessKeyId: accessKey, secretAccessKey: secretKey };
    const open = (uri: string) => openStore(uri, { endpoint, credentials });
    for (const bucket of ["data", "calm", "rough"]) {
      await gateway.createBucket(bucket);
    }
    await upload(open("s3://data/set/"));
    await runUndisturbed(gateway);
    await runDisturbed(gateway);
    const calm = await resultsIn(open("s3://calm/out/"));
    const rough = await resultsIn(open("s3://rough/out/"));
    assert.equal(rough.rows.length, IMAGES);
    assert.equal(rough.heatmaps.length, IMAGES);
    assert.deepEqual(rough, calm);
    const means = await meanScores(open("s3://rough/out/"));
    const expected = meansOf(calm);
    assert.equal(means.length, expected.length);
    for (const [i, [category, mean]] of expected.entries()) {
      assert.equal(means[i]?.[0], category);
      assert.ok(Math.abs(means[i]![1] - mean) < 1e-12);
    }
  },
});
