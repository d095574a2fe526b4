import assert from "node:assert/strict";
import { learningRate } from "../../lib/training/schedule.ts";
import { cosineRates } from "../golden/training/training_golden.ts";

Deno.test("learningRate() decays with the epoch, counted from 1", () => {
  const options = { base: 0.001, kind: "decay", warmup: 0, steps: 9 } as const;
  const rates = [0, 1, 2, 9].map((epoch) =>
    learningRate(options, { epoch, step: 5 })
  );
  assert.deepEqual(rates, [0.001, 0.0005, 0.001 / 3, 0.0001]);
});

Deno.test("learningRate() falls along a cosine as PyTorch's scheduler does", async () => {
  for (const { rates, ...options } of await cosineRates()) {
    for (const [step, expected] of rates.entries()) {
      const schedule = { ...options, kind: "cosine" } as const;
      const rate = learningRate(schedule, { epoch: 3, step });
      assert(Math.abs(rate - expected) < 1e-9 * options.base, `${step}`);
    }
  }
});

Deno.test("learningRate() warms up in front of any schedule", () => {
  const options = { base: 1, kind: "decay", warmup: 4, steps: 9 } as const;
  const rates = [0, 1, 2, 3, 4].map((step) =>
    learningRate(options, { epoch: 1, step })
  );
  assert.deepEqual(rates, [0.25, 0.5, 0.75, 1, 0.5]);
});
