import assert from "node:assert/strict";
import {
  goldenModelNamed,
  gradientCases,
} from "../../golden/training/training_golden.ts";
import { assertGradients, assertNear, openCase, step } from "../cases.ts";

const CASES = Object.entries(await gradientCases());

// onnx_engine_test.ts compares those of the backbone.
for (const [name, golden] of CASES.filter(([name]) => name !== "backbone")) {
  Deno.test(`OnnxEngine.step() gives the specification's gradients for ${name}`, async () => {
    await using folder = await goldenModelNamed(golden.model);
    const result = await step(await openCase(folder.path, golden));
    assertNear(result.loss, golden.loss, "loss");
    for (const pass of ["coarse", "refined"] as const) {
      const [actual, expected] = [result[pass], golden[pass]];
      assert.equal(actual === null, expected === null);
      for (const kind of ["focal", "dice", "bce"] as const) {
        if (actual === null || expected === null) continue;
        assertNear(actual[kind], expected[kind], `${pass}.${kind}`);
      }
    }
    assertGradients(result.gradients, golden.gradients, 1e-4);
  });
}

Deno.test("the specification's S lies in the middle, at edges and in corners", () => {
  const places = CASES.flatMap(([, { grid, peaks }]) =>
    peaks.map((place) =>
      place.filter((at) => at === 0 || at === grid - 1).length
    )
  );
  for (const borders of [0, 1, 2]) assert(places.includes(borders));
});
