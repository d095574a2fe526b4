import assert from "node:assert/strict";
import { providerOf } from "../../tasks/flags/serve_flags.ts";

Deno.test("providerOf() prefers the flag, then MFP_PROVIDER, then the CPU", () => {
  assert.equal(providerOf("cpu", { MFP_PROVIDER: "cuda" }), "cpu");
  assert.equal(providerOf(undefined, { MFP_PROVIDER: "cuda" }), "cuda");
  assert.equal(providerOf(undefined, { MFP_PROVIDER: "" }), "cpu");
  assert.equal(providerOf(undefined, {}), "cpu");
});

Deno.test("providerOf() refuses a provider that there is not", () => {
  assert.throws(
    () => providerOf(undefined, { MFP_PROVIDER: "gpu" }),
    {
      name: "UsageError",
      message:
        'Cannot run the model as MFP_PROVIDER must be one of cpu, cuda, webgpu: current value is "gpu"',
    },
  );
});
