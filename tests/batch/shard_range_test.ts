import assert from "node:assert/strict";
import type { PlanHeader, PlanItem } from "../../lib/batch/run.ts";
import { shardRange, shardRanges } from "../../lib/batch/shard_range.ts";
import { SETTINGS } from "./_runs.ts";

function plan(sizes: readonly number[], shards: number) {
  const items = sizes.map((size, i): PlanItem => ({
    key: `${i}.png`,
    path: `${i}.png`,
    category: "object",
    label: null,
    masks: [],
    size,
    etag: "e",
  }));
  const input = { uri: "s3://bucket/", kind: "folder", name: "b" } as const;
  const rest = { shards, input, categories: ["object"], since: [] };
  const header: PlanHeader = { ...SETTINGS, ...rest };
  return { items, header };
}

Deno.test("shardRanges() gives each image to one shard", () => {
  for (const shards of [1, 2, 3, 7, 12]) {
    const sizes = Array.from({ length: 10 }, (_, i) => i * i * 100_000);
    const ranges = shardRanges(plan(sizes, shards));
    assert.equal(ranges.length, shards);
    let next = 0;
    for (const { start, end } of ranges) {
      assert.equal(start, next);
      assert.ok(end >= start);
      next = end;
    }
    assert.equal(next, 10);
  }
});

Deno.test("shardRanges() balances bytes, not images", () => {
  const large = 30_000_000;
  const sizes = [large, large, ...new Array<number>(60).fill(1_000_000)];
  const [first, second] = shardRanges(plan(sizes, 2));
  assert.ok(first!.end < 10, `${first!.end} images in the first shard`);
  assert.equal(second!.end, 62);
});

Deno.test("shardRange() refuses a shard that there is not", () => {
  const { header, items } = plan([1], 2);
  const run = { header, ranges: shardRanges({ header, items }) };
  assert.throws(() => shardRange(run, 2), {
    name: "RangeError",
    message: "Cannot run a shard as it must be from 0 to 1: current value is 2",
  });
});
