import assert from "node:assert/strict";
import {
  Adam,
  clipGlobalNorm,
  globalNorm,
} from "../../lib/training/optimiser.ts";
import { optimiserRuns } from "../golden/training/training_golden.ts";

type Pair = readonly [number[], number[]];

function tensors([weight, bias]: Pair): Map<string, Float32Array> {
  return new Map([
    ["weight", Float32Array.from(weight)],
    ["bias", Float32Array.from(bias)],
  ]);
}

function assertClose(actual: Float32Array, expected: readonly number[]) {
  for (const [i, value] of expected.entries()) {
    const error = Math.abs(actual[i]! - value);
    assert(error <= 1e-6 * (1 + Math.abs(value)), `${actual[i]} ${value}`);
  }
}

Deno.test("Adam.step() moves tensors as PyTorch's Adam and AdamW do", async () => {
  const runs = await optimiserRuns();
  assert.deepEqual(runs.map(({ kind }) => kind), ["adam", "adamw", "adam"]);
  for (const { kind, clip_norm, start, steps } of runs) {
    const parameters = tensors(start);
    const adam = new Adam(parameters, {
      weightDecay: kind === "adamw" ? 0.1 : 0,
      decays: (name) => name === "weight",
    });
    for (const { gradients, lr, norm, after } of steps) {
      const given = tensors(gradients);
      if (clip_norm !== null) {
        const before = clipGlobalNorm(given, clip_norm);
        assert(Math.abs(before / norm! - 1) < 1e-6);
        assert(globalNorm(given) <= clip_norm * (1 + 1e-6));
      }
      adam.step(parameters, given, lr);
      assertClose(parameters.get("weight")!, after[0]);
      assertClose(parameters.get("bias")!, after[1]);
    }
    assert.equal(adam.state.steps, steps.length);
  }
});

Deno.test("Adam goes on from its state as if it had not stopped", async () => {
  const [{ start, steps } = assert.fail()] = await optimiserRuns();
  const [whole, halves] = [tensors(start), tensors(start)];
  const one = new Adam(whole);
  let other = new Adam(halves);
  for (const [i, { gradients, lr }] of steps.entries()) {
    one.step(whole, tensors(gradients), lr);
    if (i === 4) other = new Adam(halves, {}, structuredClone(other.state));
    other.step(halves, tensors(gradients), lr);
  }
  assert.deepEqual(halves, whole);
});

Deno.test("clipGlobalNorm() leaves short gradients as they are", () => {
  const gradients = tensors([[3, 0], [4]]);
  assert.equal(clipGlobalNorm(gradients, Infinity), 5);
  assert.equal(clipGlobalNorm(gradients, 5.1), 5);
  assert.deepEqual(gradients, tensors([[3, 0], [4]]));
  assert.equal(clipGlobalNorm(gradients, 0.5), 5);
  assert(Math.abs(globalNorm(gradients) - 0.5) < 1e-6);
});
