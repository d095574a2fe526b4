import assert from "node:assert/strict";
import { planRun } from "../../lib/batch/plan.ts";
import { runShard } from "../../lib/batch/work.ts";
import type { Detection, DetectorInput } from "../../lib/detector/detector.ts";
import { png } from "../data/trees.ts";
import { MemoryStore } from "./_memory_store.ts";
import { FakeDetector, mergeTimeless, only, options } from "./_runs.ts";

/** A detector whose last bits depend on the size of a batch. */
class SizedDetector extends FakeDetector {
  readonly sizes = new Set<number>();

  override async detect(
    inputs: readonly DetectorInput[],
  ): Promise<Detection[]> {
    if (inputs.length > 0) this.sizes.add(inputs.length);
    const found = await super.detect(inputs);
    return found.map((detection) => ({
      ...detection,
      scoreLogit: detection.scoreLogit + inputs.length / 1e6,
    }));
  }
}

Deno.test("runShard() gives the same in all shards, whatever their last batch", async () => {
  const data = new MemoryStore("data");
  for (let i = 0; i < 11; i++) {
    await data.put(`${i}.png`, new Uint8Array(await png(20 * i)));
  }
  await data.put("3.png", new TextEncoder().encode("no image"));
  const stores = only(data);
  const merged = [1, 3, 5].map(async (shards) => {
    const out = new MemoryStore(`${shards}`);
    const input = { uri: data.uri, stores };
    const plan = await planRun(input, out, options({ shards }));
    const detector = new SizedDetector();
    for (let shard = 0; shard < shards; shard++) {
      await runShard(detector, plan, { shard, stores, batchSize: 4 });
    }
    assert.deepEqual([...detector.sizes], [4]);
    return await mergeTimeless(plan, stores);
  });
  const [alone, ...sharded] = await Promise.all(merged);
  assert.equal(alone?.rows.length, 11);
  for (const other of sharded) assert.deepEqual(other, alone);
});
