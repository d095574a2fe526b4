import { type KernelEngine, runCases } from "../contract/kernel_case.ts";
import { KERNEL_CASES } from "../contract/kernel_cases.ts";
import type { NamedNumbers } from "../contract/numbers.ts";
import type { BackendName } from "../../lib/tfjs/backend.ts";
import { evaluateGraph } from "../../lib/tfjs/evaluate.ts";
import type { FedTensor } from "../../lib/tfjs/tensors.ts";
import { BACKENDS, useBackend } from "./backends.ts";

function fed(tensors: NamedNumbers): Record<string, FedTensor> {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, { shape, data }]) => [
      name,
      { shape, data: Float64Array.from(data) },
    ]),
  );
}

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

for (const { name, skip } of BACKENDS) {
  if (skip === undefined) runCases(KERNEL_CASES, tfjs(name));
}
