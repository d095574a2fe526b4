/**
 * The tape of TensorFlow.js against onnxruntime, tensor by tensor.
 *
 * In float32 both would be some 1e-5 apart by rounding alone: either moves a
 * gradient by up to that much of its norm. So the tape is held to what
 * onnxruntime computes in float64. That is the goldens here, to which
 * `../training/program_test.ts` holds onnxruntime within 1e-10; what is left
 * is the rounding of TensorFlow.js. The losses are compared in float32.
 *
 * @module
 */
import { lossAndGradients } from "./evaluate.ts";
import type { BackendName } from "../../lib/tfjs/backend_name.ts";
import { lossProgram } from "../../lib/training/engine/loss_program.ts";
import { trainableNames } from "../../lib/training/trainable.ts";
import {
  goldenModelNamed,
  gradientCases,
} from "../golden/training/training_golden.ts";
import {
  assertGradients,
  assertNear,
  feedsOf,
  openCase,
  step,
} from "../training/cases.ts";
import { fed, testOnBackends } from "./backends.ts";
import { readParameters } from "./parameters.ts";

/** Configurations, and where to look at them. */
const CASES: Readonly<Record<string, readonly BackendName[]>> = {
  feature: ["wasm", "native"],
  token_stages2: ["wasm", "native"],
  drop_stages2_n5: ["wasm", "native"],
  no_sp: ["wasm", "native"],
  plain: ["cpu", "wasm", "native"],
  scale: ["wasm", "native"],
};

/** Of each tensor's own norm. */
const TOLERANCE = 1e-5;

for (const [name, backends] of Object.entries(CASES)) {
  const subject = `lossAndGradients() agrees with onnxruntime for ${name}`;
  testOnBackends(subject, backends, async () => {
    const golden = (await gradientCases())[name]!;
    await using folder = await goldenModelNamed(golden.model);
    const opened = await openCase(folder.path, golden);
    const { model: { architecture, weights }, textLength } = opened;
    const trainable = trainableNames(architecture, ["head"]);
    const { g, loss, parameters } = lossProgram(architecture, {
      textLength,
      trainable,
    });
    const forward = g.build({ loss });
    const tape = await lossAndGradients(forward, {
      feeds: fed(feedsOf(opened)),
      loss: "loss",
      wrt: parameters.map(({ name }) => name),
      parameter: await readParameters(forward, weights),
    });
    const found = Object.entries(tape.gradients).map(([name, { data }]) =>
      [name, Float64Array.from(data)] as const
    );
    assertGradients(new Map(found), golden.gradients, TOLERANCE);
    const onnx = await step(opened);
    assertNear(tape.outputs.loss!.data[0]!, onnx.loss, "loss");
  });
}
