import assert from "node:assert/strict";
import { resolveShard, type Variables } from "../../lib/batch/shard.ts";

const CLOUD_RUN = {
  CLOUD_RUN_TASK_INDEX: "2",
  CLOUD_RUN_TASK_COUNT: "8",
  CLOUD_RUN_TASK_ATTEMPT: "1",
  CLOUD_RUN_EXECUTION: "nightly-x7k2p",
};
const AWS_BATCH = {
  AWS_BATCH_JOB_ARRAY_INDEX: "3",
  AWS_BATCH_JOB_ARRAY_SIZE: "4",
  AWS_BATCH_JOB_ATTEMPT: "2",
  AWS_BATCH_JOB_ID: "0fa1-22:3",
};
const SLURM = {
  SLURM_ARRAY_TASK_ID: "14",
  SLURM_ARRAY_TASK_MIN: "10",
  SLURM_ARRAY_TASK_STEP: "2",
  SLURM_ARRAY_TASK_COUNT: "6",
  SLURM_ARRAY_JOB_ID: "77",
};

Deno.test("resolveShard() is the only shard where nothing speaks of shards", () => {
  const alone = { index: 0, count: 1, attempt: 0, job: null };
  assert.deepEqual(resolveShard({}), alone);
  assert.deepEqual(resolveShard({ SHARD_INDEX: "", SHARD_COUNT: "1" }), alone);
});

Deno.test("resolveShard() reads what each platform says", () => {
  const cases: readonly [Variables, object][] = [
    [CLOUD_RUN, { index: 2, count: 8, attempt: 1, job: "nightly-x7k2p" }],
    [AWS_BATCH, { index: 3, count: 4, attempt: 1, job: "0fa1-22" }],
    [SLURM, { index: 2, count: 6, attempt: 0, job: "77" }],
    [{ ...SLURM, SLURM_RESTART_COUNT: "3" }, {
      index: 2,
      count: 6,
      attempt: 3,
      job: "77",
    }],
    [{ JOB_COMPLETION_INDEX: "4", SHARD_COUNT: "5", SHARD_JOB: "daily" }, {
      index: 4,
      count: 5,
      attempt: 0,
      job: "daily",
    }],
    [{ AWS_BATCH_JOB_ATTEMPT: "1" }, {
      index: 0,
      count: 1,
      attempt: 0,
      job: null,
    }],
  ];
  for (const [variables, expected] of cases) {
    assert.deepEqual(resolveShard(variables), expected);
  }
});

Deno.test("resolveShard() prefers flags, then SHARD_INDEX, to a platform", () => {
  const variables = { ...CLOUD_RUN, SHARD_INDEX: "5", SHARD_COUNT: "7" };
  assert.deepEqual(resolveShard(variables), {
    index: 5,
    count: 7,
    attempt: 1,
    job: "nightly-x7k2p",
  });
  assert.deepEqual(
    resolveShard(variables, { shard: 0, shards: 2, job: "mine" }),
    { index: 0, count: 2, attempt: 1, job: "mine" },
  );
});

Deno.test("resolveShard() refuses an index without a count, and the reverse", () => {
  const index = /^Cannot choose a shard as its index must come with the count/;
  const count = /^Cannot choose a shard as its count must come with the index/;
  assert.throws(() => resolveShard({ JOB_COMPLETION_INDEX: "1" }), {
    name: "RangeError",
    message: index,
  });
  assert.throws(() => resolveShard({ SHARD_INDEX: "0" }), { message: index });
  assert.throws(() => resolveShard({}, { shard: 0 }), { message: index });
  assert.throws(() => resolveShard({ SHARD_COUNT: "3" }), { message: count });
  assert.throws(() => resolveShard({}, { shards: 2 }), { message: count });
});

Deno.test("resolveShard() refuses numbers that do not fit", () => {
  const bad: readonly Variables[] = [
    { SHARD_INDEX: "4", SHARD_COUNT: "4" },
    { SHARD_INDEX: "-1", SHARD_COUNT: "4" },
    { SHARD_INDEX: "one", SHARD_COUNT: "4" },
    { SHARD_INDEX: "0", SHARD_COUNT: "0" },
    { ...SLURM, SLURM_ARRAY_TASK_ID: "9" },
    { ...CLOUD_RUN, SHARD_COUNT: "9" },
  ];
  for (const variables of bad) {
    assert.throws(() => resolveShard(variables), {
      name: "RangeError",
      message: /^Cannot choose a shard as .*: current value is /,
    });
  }
});
