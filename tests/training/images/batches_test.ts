import assert from "node:assert/strict";
import type { Batch } from "../../../lib/training/engine/training_engine.ts";
import { epochBatches } from "../../../lib/training/images/batches.ts";
import { epochOrder } from "../../../lib/training/images/epoch_order.ts";
import { TrainingSet } from "../../../lib/training/images/training_set.ts";
import { cornerMask, fakeDataSet, SIDE } from "../../evaluation/_fakes.ts";

const OPTIONS = {
  batchSize: 3,
  seed: 5,
  shuffle: true,
  augmentation: { flip: false, rotate: false, mosaic: 0 },
  textOf: (category: string) => BigInt64Array.of(BigInt(category.length), 1n),
  skip: 0,
};

function openSet(): Promise<TrainingSet> {
  const data = fakeDataSet([
    { key: "cap/0", red: 0 },
    { key: "cap/1", red: 1, label: 1, mask: cornerMask() },
    { key: "cap/2", red: 2 },
    { key: "cap/3", red: 3 },
    { key: "hazelnut/4", red: 4, label: 1, mask: cornerMask() },
    { key: "hazelnut/5", red: 5 },
    { key: "hazelnut/6", red: 6 },
  ]);
  return TrainingSet.read(data, { side: SIDE });
}

const PIXELS = SIDE * SIDE;

Deno.test("epochBatches() mixes categories and keeps the last partial batch", async () => {
  const set = await openSet();
  const batches = await Array.fromAsync(epochBatches(set, 2, OPTIONS));
  assert.deepEqual(batches.map(({ size }) => size), [3, 3, 1]);
  const seen: number[] = [];
  for (const { size, rgb, text, mask, label } of batches) {
    assert.equal(rgb.length, size * PIXELS * 3);
    assert.equal(mask.length, size * PIXELS);
    for (let i = 0; i < size; i++) {
      const number = rgb[3 * i * PIXELS]!;
      seen.push(number);
      const defective = [1, 4].includes(number);
      assert.equal(label[i], defective ? 1 : 0);
      const sum = mask.subarray(i * PIXELS, (i + 1) * PIXELS)
        .reduce((a, b) => a + b, 0);
      assert.equal(sum, defective ? 4 : 0);
      assert.equal(text[2 * i], number < 4 ? 3n : 8n);
      assert.equal(text[2 * i + 1], 1n);
    }
  }
  assert.deepEqual(seen, epochOrder(7, { seed: 5, epoch: 2 }));
});

Deno.test("epochBatches() repeats text features for each image", async () => {
  const set = await openSet();
  const textOf = (category: string) => Float32Array.of(category.length, 0.5);
  const options = { ...OPTIONS, shuffle: false, textOf };
  const [{ text }] = await Array.fromAsync(epochBatches(set, 0, options)) as [
    Batch,
  ];
  assert.deepEqual(text, Float32Array.of(3, 0.5, 3, 0.5, 3, 0.5));
});

Deno.test("epochBatches() goes on where it was left", async () => {
  const set = await openSet();
  const whole = await Array.fromAsync(epochBatches(set, 1, OPTIONS));
  const options = { ...OPTIONS, skip: 2 };
  const rest = await Array.fromAsync(epochBatches(set, 1, options));
  assert.deepEqual(rest, whole.slice(2));
});

Deno.test("epochBatches() keeps the order of keys where it is told to", async () => {
  const set = await openSet();
  const options = { ...OPTIONS, shuffle: false, batchSize: 7 };
  const [batch] = await Array.fromAsync(epochBatches(set, 3, options));
  const numbers = Array.from(
    { length: 7 },
    (_, i) => batch!.rgb[3 * i * PIXELS],
  );
  assert.deepEqual(numbers, [0, 1, 2, 3, 4, 5, 6]);
});
