import assert from "node:assert/strict";
import { openModelDirectory } from "../../../lib/methods/model_directory.ts";
import { OnnxEngine } from "../../../lib/training/engine/onnx_engine.ts";
import type { NamedArrays } from "../../../lib/training/optimiser.ts";
import {
  type ModelPart,
  trainableNames,
} from "../../../lib/training/trainable.ts";
import {
  goldenModelNamed,
  gradientCases,
  summarise,
} from "../../golden/training/training_golden.ts";
import {
  assertGradients,
  assertNear,
  openCase,
  parametersOf,
  step,
} from "../cases.ts";

function largestDifference(a: NamedArrays, b: NamedArrays): number {
  let worst = 0;
  for (const [name, values] of a) {
    const other = b.get(name)!;
    const difference = summarise(values.map((v, i) => v - other[i]!)).norm;
    worst = Math.max(worst, difference / summarise(values).norm);
  }
  return worst;
}

Deno.test("OnnxEngine.step() differentiates by the backbone, blocks kept or not", async () => {
  const { backbone } = await gradientCases();
  await using folder = await goldenModelNamed(backbone!.model);
  const opened = await openCase(folder.path, backbone!);
  const parts: ModelPart[] = ["head", "clip", "resnet"];
  const kept = await step(opened, { parts });
  assertGradients(kept.gradients, backbone!.gradients, 1e-4);
  const again = await step(opened, { parts, recompute: true });
  assertNear(again.loss, kept.loss, "loss");
  assert.deepEqual([...again.gradients.keys()], [...kept.gradients.keys()]);
  assert(largestDifference(kept.gradients, again.gradients) < 1e-4);
});

Deno.test("OnnxEngine.firstBadTensor() finds where a number went bad", async () => {
  const { feature } = await gradientCases();
  await using folder = await goldenModelNamed("plain");
  const { model, batch, textLength } = await openCase(folder.path, feature!);
  const engine = await OnnxEngine.open(model, {
    trainable: trainableNames(model.architecture, ["head"]),
    textLength,
    batchSize: 3,
    threads: 1,
  });
  try {
    const parameters = await parametersOf(model, engine);
    parameters.get("adapters.1.fc2.weight")!.fill(3e38);
    assert(!Number.isFinite((await engine.step(batch, parameters)).loss));
    const name = await engine.firstBadTensor(batch, parameters);
    assert.match(
      name!,
      /^\/coarse\/adapters\.1\/l2_normalize|^\/coarse\/adapters\.1\//,
    );
  } finally {
    await engine.close();
  }
});

Deno.test("OnnxEngine.open() refuses to train what no loss depends on", async () => {
  await using folder = await goldenModelNamed("plain");
  const model = await openModelDirectory(folder.path);
  await assert.rejects(
    OnnxEngine.open(model, {
      trainable: trainableNames(model.architecture, ["resnet"]),
      textLength: 20,
    }),
    {
      name: "ModelError",
      message:
        "Cannot train as the loss must depend on one of the tensors to " +
        "train: current choices switch their modules off",
    },
  );
});
