import assert from "node:assert/strict";
import { measureInt8 } from "../../lib/onnx/int8_support.ts";

Deno.test("measureInt8() tells how products of integers compare", async () => {
  const { isExact, timeRatio } = await measureInt8();
  assert.equal(typeof isExact, "boolean");
  assert(timeRatio > 0 && Number.isFinite(timeRatio));
});
