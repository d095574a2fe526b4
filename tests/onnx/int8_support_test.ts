import assert from "node:assert/strict";
import { exactIntegers, measureInt8 } from "../../lib/onnx/int8_support.ts";

Deno.test("measureInt8() tells how products of integers compare", async () => {
  const { integers, timeRatio } = await measureInt8();
  assert.equal(integers, await exactIntegers());
  assert(integers !== undefined);
  assert(timeRatio > 0 && Number.isFinite(timeRatio));
});
