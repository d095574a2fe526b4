import "@tensorflow/tfjs-backend-webgpu";
import * as tf from "@tensorflow/tfjs-core";
import { runCases } from "../contract/kernel_case.ts";
import { KERNEL_CASES } from "../contract/kernel_cases.ts";
import { fed } from "../tfjs/backends.ts";
import { evaluateGraph } from "../tfjs/evaluate.ts";
import { WEBGPU_ENV, whyNoWebgpu } from "./webgpu.ts";

const reason = await whyNoWebgpu();
if (reason !== undefined) {
  console.error(`TensorFlow.js is not tested on WebGPU: ${reason}`);
}

// Deno chooses the driver when it is first asked for an adapter.
for (const [name, value] of Object.entries(WEBGPU_ENV)) {
  Deno.env.set(name, value);
}

if (reason === undefined) {
  runCases(KERNEL_CASES, {
    name: "TensorFlow.js on webgpu",
    tolerance: 1e-5,
    run: async (graph, { feeds, parameters }) => {
      // openBackend() refuses software adapters, as wasm is faster.
      await tf.setBackend("webgpu");
      const { y } = await evaluateGraph(graph, {
        feeds: fed(feeds),
        parameter: (name) => Float32Array.from(parameters[name]!.data),
      });
      return y;
    },
  });
}
