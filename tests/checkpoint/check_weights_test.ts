import assert from "node:assert/strict";
import { checkWeights } from "../../lib/checkpoint/check_weights.ts";
import type {
  Dtype,
  WeightEntry,
  Weights,
} from "../../lib/checkpoint/weights.ts";

function entry(
  shape: number[],
  rest: { dtype?: Dtype; transposed?: boolean } = {},
): WeightEntry {
  const { dtype = "F32", transposed = false } = rest;
  return { file: "f", offset: 0, byteLength: 0, shape, dtype, transposed };
}

function weights(tensors: Record<string, WeightEntry>): Weights {
  return { path: "f", tensors: new Map(Object.entries(tensors)) };
}

Deno.test("checkWeights() gives the needed tensors in the model's order", () => {
  const a = entry([2]);
  const b = entry([3, 4], { dtype: "BF16" });
  const c = entry([4, 3], { transposed: true });
  const file = weights({ c, b, extra: entry([1], { dtype: "I64" }), a });
  const found = checkWeights(
    file,
    new Map([["a", [2]], ["b", [3, 4]], ["c", [3, 4]]]),
    { optional: [/^ext/] },
  );
  assert.deepEqual([...found], [["a", a], ["b", b], ["c", c]]);
});

Deno.test("checkWeights() reports everything at once", () => {
  const file = weights({
    b: entry([4, 3]),
    c: entry([3, 4], { transposed: true }),
    d: entry([1], { dtype: "I64" }),
    x: entry([1]),
  });
  const shapes = new Map([
    ["a", [2]],
    ["b", [3, 4]],
    ["c", [3, 4]],
    ["d", [1]],
  ]);
  assert.throws(() => checkWeights(file, shapes), {
    name: "ModelError",
    message: "Cannot load f as 1 tensor is missing (a), 3 tensors are of " +
      "another shape or type (b must be [3, 4], is [4, 3], c must be [4, 3], " +
      "is [3, 4], d must be F32, F16 or BF16, is I64), 1 tensor is foreign (x)",
  });
});

Deno.test("checkWeights() cuts long lists and counts the rest", () => {
  const names = Array.from({ length: 30 }, (_, i) => `t${i}`);
  const file = weights(Object.fromEntries(
    names.map((name) => [`x${name}`, entry([1])]),
  ));
  const shapes = new Map(names.map((name) => [name, [1]]));
  assert.throws(() => checkWeights(file, shapes), {
    message:
      /^Cannot load f as 30 tensors are missing \(t0, .*, t19 and 10 more\), 30 tensors are foreign \(xt0, xt1, xt2, xt3, xt4 and 25 more\)$/,
  });
});
