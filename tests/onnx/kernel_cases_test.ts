import { type KernelEngine, runCases } from "../contract/kernel_case.ts";
import { KERNEL_CASES } from "../contract/kernel_cases.ts";
import type { Precision } from "../../lib/onnx/emitter.ts";
import { runGraphWith } from "./run_graph.ts";

function onnxruntime(
  precision: Precision,
  options: Pick<KernelEngine, "tolerance" | "unsupported">,
): KernelEngine {
  return {
    name: `onnxruntime at ${precision}`,
    ...options,
    run: async (graph, { feeds, parameters }) => {
      const outputs = await runGraphWith(graph, parameters, {
        feeds,
        precision,
      });
      return outputs.y;
    },
  };
}

runCases(KERNEL_CASES, onnxruntime("f32", { tolerance: 1e-6 }));
runCases(
  KERNEL_CASES,
  onnxruntime("f16", {
    tolerance: 1e-3,
    unsupported: [{
      reason: "the CPU provider does not scatter sums of float16",
      cases: ["maxPool2dGradient"],
    }],
  }),
);
runCases(
  KERNEL_CASES,
  onnxruntime("f64", {
    tolerance: 1e-12,
    unsupported: [{
      reason: "the CPU provider has no such kernel",
      cases: [
        "erf",
        "conv2d",
        "conv2dInputGradient",
        "conv2dKernelGradient",
        "leakyRelu: positive slope",
        "leakyRelu: negative slope",
      ],
    }],
  }),
);
