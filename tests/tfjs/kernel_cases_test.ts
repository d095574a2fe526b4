import type { BackendName } from "../../lib/tfjs/backend_name.ts";
import { evaluateGraph } from "./evaluate.ts";
import { type KernelEngine, runCases } from "../contract/kernel_case.ts";
import { KERNEL_CASES } from "../contract/kernel_cases.ts";
import { BACKENDS, fed, nativeFolder, useBackend } from "./backends.ts";

function tfjs(backend: BackendName): KernelEngine {
  return {
    name: `TensorFlow.js on ${backend}`,
    tolerance: 1e-6,
    run: async (graph, { feeds, parameters }) => {
      await useBackend(backend);
      const { y } = await evaluateGraph(graph, {
        feeds: fed(feeds),
        parameter: (name) => Float32Array.from(parameters[name]!.data),
      });
      return y;
    },
  };
}

for (const backend of BACKENDS) {
  if (backend === "native" && nativeFolder === undefined) continue;
  runCases(KERNEL_CASES, tfjs(backend));
}
