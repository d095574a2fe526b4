import assert from "node:assert/strict";
import { choosePrecision, precisionOf } from "../../tasks/flags/precision.ts";
import { UsageError } from "../../tasks/cli/usage_error.ts";

function processor(isExact: boolean, timeRatio: number) {
  return () => Promise.resolve({ isExact, timeRatio });
}

Deno.test("choosePrecision() takes int8 where it is exact and much faster", async () => {
  const cases = [
    [processor(true, 0.3), "int8"],
    [processor(true, 0.9), "f32"],
    [processor(false, 0.3), "f32"],
  ] as const;
  for (const [measure, expected] of cases) {
    const { precision, reason } = await choosePrecision("cpu", measure);
    assert.equal(precision, expected);
    assert.notEqual(reason, "");
  }
});

Deno.test("choosePrecision() measures nothing for graphics cards", async () => {
  const never = () => Promise.reject(new Error("must not be measured"));
  assert.equal((await choosePrecision("cuda", never)).precision, "f16");
  assert.equal((await choosePrecision("webgpu", never)).precision, "f32");
});

Deno.test("precisionOf() refuses int8 on a provider without it", async () => {
  await assert.rejects(
    precisionOf({ precision: "int8", provider: "cuda" }),
    new UsageError(
      "Cannot run in int8 as --provider must be cpu: current value is cuda",
    ),
  );
});
