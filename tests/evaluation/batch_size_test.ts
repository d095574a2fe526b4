import assert from "node:assert/strict";
import type { DataSet, Sample } from "../../lib/data/sample.ts";
import { Detector } from "../../lib/detector/detector.ts";
import { evaluate } from "../../lib/evaluation/evaluate.ts";
import { syntheticDataSet } from "../../lib/synthetic/data_set.ts";

/** More than ten times what was measured, 6e-6. */
const TOLERANCE = 1e-4;

/** The first images of a drawn category. */
async function drawnImages(): Promise<DataSet> {
  const drawn = syntheticDataSet({
    seed: 5,
    count: 4,
    side: 128,
    split: "test",
  });
  const samples: Sample[] = [];
  for await (const sample of drawn.samples()) {
    samples.push(sample);
    if (samples.length === 4) break;
  }
  return {
    name: drawn.name,
    categories: [samples[0]!.category],
    size: samples.length,
    async *samples() {
      yield* samples;
    },
  };
}

function reversed(dataSet: DataSet): DataSet {
  return {
    ...dataSet,
    async *samples() {
      yield* (await Array.fromAsync(dataSet.samples())).toReversed();
    },
  };
}

Deno.test("evaluate() of nano depends on the batch size in last bits, and not on what is in a batch", async () => {
  const dataSet = await drawnImages();
  const { categories } = dataSet;
  const options = { threads: 1, categories };
  await using detector = await Detector.open("models/nano", options);
  const logits = async (set: DataSet, batchSize: number) => {
    const { rows } = await evaluate(detector, set, { batchSize });
    return rows.map(({ score_logit }) => score_logit!);
  };
  const one = await logits(dataSet, 1);
  const three = await logits(dataSet, 3);
  assert.deepEqual(await logits(reversed(dataSet), 3), three);
  for (const [i, logit] of one.entries()) {
    const apart = Math.abs(logit - three[i]!);
    assert.ok(apart < TOLERANCE, `image ${i}: ${apart}`);
  }
});
