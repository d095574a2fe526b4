import assert from "node:assert/strict";
import {
  goodOfDetector,
  learnOnce,
  rememberGood,
} from "../../lib/batch/good.ts";
import type { MergedRows } from "./_runs.ts";
import { planRun } from "../../lib/batch/plan.ts";
import type { Plan } from "../../lib/batch/run.ts";
import { runShard } from "../../lib/batch/work.ts";
import { Detector } from "../../lib/detector/detector.ts";
import { mvtecTree, withFolder } from "../data/trees.ts";
import { GOLDEN_IMAGES, goldenModel } from "../golden/mfp_clip/golden.ts";
import { goldenNamed } from "../methods/mfp_clip/goldens.ts";
import {
  FakeDetector,
  input,
  keysOf,
  mergeTimeless,
  options,
  STORES,
  withHooks,
  withOut,
} from "./_runs.ts";

const categories = ["bottle", "metal_nut"];

/** Runs with a model that is removed afterwards. */
async function withModel(run: (path: string) => Promise<void>): Promise<void> {
  await using model = await goldenModel(goldenNamed("feature"));
  await run(model.path);
}

function open(path: string): Promise<Detector> {
  return Detector.open(path, { threads: 1, categories });
}

/** Scores shards of a run in turn, with detectors that learn nothing anew. */
async function scoreWith(plan: Plan, detectors: readonly Detector[]) {
  for (const detector of detectors) await rememberGood(detector, plan);
  for (let shard = 0; shard < plan.header.shards; shard++) {
    const detector = detectors[shard % detectors.length]!;
    await runShard(detector, plan, { stores: STORES, shard, batchSize: 2 });
  }
  return await mergeTimeless(plan);
}

Deno.test("mergeRun() gives bit for bit the same for one worker and eight shards with good images", async () => {
  await withFolder(await mvtecTree(), async (data) => {
    await withModel(async (path) => {
      await using first = await open(path);
      await using second = await open(path);
      const { category, ...learned } = await first.learn(
        "bottle",
        GOLDEN_IMAGES.slice(0, 2),
      );
      const good = goodOfDetector(first);
      const merged: MergedRows[] = [];
      for (const shards of [1, 8]) {
        await withOut(async (out) => {
          const plan = await planRun(
            input(data),
            out,
            options({ shards, good }),
          );
          const detectors = shards === 1 ? [first] : [second, first];
          merged.push(await scoreWith(plan, detectors));
        });
      }
      const [one, eight] = merged;
      assert.deepEqual(eight, one);
      assert.deepEqual(one!.summary.good, { [category]: learned });
      assert(one!.rows.every(({ score }) => score !== null));
    });
  });
});

Deno.test("runShard() refuses a detector that has learned other good images", async () => {
  await withFolder(await mvtecTree(), async (data) => {
    await withModel(async (path) => {
      await using detector = await open(path);
      await detector.learn("bottle", GOLDEN_IMAGES.slice(0, 2));
      await withOut(async (out) => {
        const good = goodOfDetector(detector);
        const plan = await planRun(input(data), out, options({ good }));
        const shard = { stores: STORES, shard: 0 };
        const message =
          `Cannot score the run ${plan.run} as the detector must have ` +
          `learned the good images it was planned with: those of "bottle" ` +
          `are others`;
        await assert.rejects(runShard(new FakeDetector(), plan, shard), {
          name: "RunError",
          message,
        });
        await detector.learn("bottle", GOLDEN_IMAGES.slice(1));
        await assert.rejects(runShard(detector, plan, shard), { message });
        const plain = await planRun(input(data), out, options());
        assert.notEqual(plain.run, plan.run);
        await assert.rejects(runShard(detector, plain, shard), /are others/);
      });
    });
  });
});

Deno.test("planRun() lets no worker with other good images join a job", async () => {
  await withFolder(await mvtecTree(), async (data) => {
    await withOut(async (out) => {
      const planned = (identity: string) => ({
        identity,
        learn: () => Promise.resolve({}),
      });
      const job = options({ job: "night", good: planned("a") });
      const plan = await planRun(input(data), out, job);
      const joined = await planRun(input(data), out, job);
      assert.equal(joined.run, plan.run);
      for (const good of [planned("b"), undefined]) {
        await assert.rejects(
          planRun(input(data), out, { ...job, good }),
          /Cannot join the job night/,
        );
      }
    });
  });
});

const SUMMARY = { images: 2, patches: 8, kept: 8, sha256: "a".repeat(64) };

Deno.test("learnOnce() learns once, and takes what another worker learned first", async () => {
  const file = new TextEncoder().encode("memory");
  await withOut(async (out) => {
    let calls = 0;
    const learn = () => {
      calls++;
      return Promise.resolve({ summary: SUMMARY, file });
    };
    assert.deepEqual(await learnOnce(out, "source", learn), SUMMARY);
    assert.deepEqual(await learnOnce(out, "source", learn), SUMMARY);
    assert.equal(calls, 1);
    assert.deepEqual(await keysOf(out, "good/"), [
      `good/${SUMMARY.sha256}.safetensors`,
      "good/source.json",
    ]);
  });
  await withOut(async (out) => {
    const other = { ...SUMMARY, sha256: "b".repeat(64) };
    const racing = withHooks(out, {
      async before(key) {
        if (!key.endsWith(".json")) return;
        const bytes = new TextEncoder().encode(JSON.stringify(other));
        await out.create(key, bytes);
      },
    });
    const learn = () => Promise.resolve({ summary: SUMMARY, file });
    assert.deepEqual(await learnOnce(racing, "source", learn), other);
  });
});

Deno.test("rememberGood() refuses a memory that is missing or damaged", async () => {
  await withFolder(await mvtecTree(), async (data) => {
    await withOut(async (out) => {
      const learn = () => Promise.resolve({ bottle: SUMMARY });
      const good = { identity: "a", learn };
      const plan = await planRun(input(data), out, options({ good }));
      const detector = { remember: () => assert.fail("nothing to remember") };
      const key = `good/${SUMMARY.sha256}.safetensors`;
      const refused = (what: string) => ({
        name: "DataSetError",
        message: `Cannot use the good images of the run as ${out.uri}${key} ` +
          `must be as it was written: it is ${what}`,
      });
      await assert.rejects(rememberGood(detector, plan), refused("missing"));
      await out.create(key, new Uint8Array(9));
      await assert.rejects(rememberGood(detector, plan), refused("damaged"));
    });
  });
});
