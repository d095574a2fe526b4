import assert from "node:assert/strict";
import type { WeightEntry } from "../../lib/checkpoint/weights.ts";
import type { IntegerType } from "../../lib/onnx/integers.ts";
import type { Summary } from "../../lib/results/summary.ts";
import { parseFlags } from "../../tasks/cli/flags.ts";
import { UsageError } from "../../tasks/cli/usage_error.ts";
import { command } from "../../tasks/eval.ts";
import { choosePrecision, precisionOf } from "../../tasks/flags/precision.ts";
import { runSettings } from "../../tasks/flags/run_settings.ts";
import { SCORE_FLAGS } from "../../tasks/flags/score_flags.ts";
import { DATA_FLAGS, LISTING_FLAGS } from "../../tasks/flags/data_flags.ts";
import { MODEL_FLAGS } from "../../tasks/flags/model_flags.ts";
import { withConsole } from "./_console.ts";

const MATRIX = "vision_model.encoder.layers.1.mlp.fc1.weight";

function model(width: number): ReadonlyMap<string, WeightEntry> {
  const place = { file: "model.safetensors", offset: 0, transposed: false };
  const shape = [4 * width, width];
  const byteLength = 16 * width ** 2;
  return new Map([[MATRIX, { ...place, dtype: "F32", shape, byteLength }]]);
}

const WIDE = model(512);
const NARROW = model(96);

function processor(integers: IntegerType | undefined, timeRatio: number) {
  return () => Promise.resolve({ integers, timeRatio });
}

function never(): Promise<never> {
  return Promise.reject(new Error("must not be measured"));
}

Deno.test("choosePrecision() takes int8 where it is exact and much faster", async () => {
  const cases = [
    [processor("int8", 0.3), "int8"],
    [processor("int8", 0.9), "f32"],
    [processor("uint8", 0.3), "int8"],
    [processor(undefined, 0.3), "f32"],
  ] as const;
  for (const [measure, expected] of cases) {
    const { precision, reason } = await choosePrecision("cpu", WIDE, measure);
    assert.equal(precision, expected);
    assert.notEqual(reason, "");
  }
});

Deno.test("choosePrecision() measures nothing for graphics cards", async () => {
  const cases = [["cuda", "f16"], ["webgpu", "f32"]] as const;
  for (const [provider, expected] of cases) {
    const { precision } = await choosePrecision(provider, WIDE, never);
    assert.equal(precision, expected);
  }
});

Deno.test("choosePrecision() leaves a narrow model in f32, without measuring", async () => {
  const { precision, reason } = await choosePrecision("cpu", NARROW, never);
  assert.equal(precision, "f32");
  assert.match(reason, /too narrow for int8/);
});

Deno.test("precisionOf() refuses int8 on a provider without it", async () => {
  await assert.rejects(
    precisionOf({ precision: "int8", provider: "cuda" }, never),
    new UsageError(
      "Cannot run in int8 as --provider must be cpu: current value is cuda",
    ),
  );
});

Deno.test("runSettings() says the precision that the model really runs in", async () => {
  const flags = { ...MODEL_FLAGS, ...DATA_FLAGS, ...LISTING_FLAGS } as const;
  for (const precision of ["int8", "auto"]) {
    const { flags: values } = parseFlags(
      { ...flags, ...SCORE_FLAGS },
      [`--precision=${precision}`],
    );
    assert.equal((await runSettings(values)).precision, "f32");
  }
});

Deno.test("eval says the precision that the model really runs in", async () => {
  const out = await Deno.makeTempDir();
  try {
    const data = ["--category=nut", "--count=2", "--side=64"];
    const { code, stdout, stderr } = await withConsole(() =>
      command.main("eval", [
        ...["--precision=int8", "--threads=1", "--json", `--out=${out}`],
        ...data,
      ])
    );
    assert.equal(code, 0);
    assert.equal((JSON.parse(stdout) as Summary).precision, "f32");
    assert.match(stderr, /the model runs in f32/);
  } finally {
    await Deno.remove(out, { recursive: true });
  }
});
