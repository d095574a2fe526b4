/**
 * Backends of TensorFlow.js.
 *
 * The native backend needs a package with an install script:
 *
 *     deno install --node-modules-dir=auto \
 *       --allow-scripts=npm:@tensorflow/tfjs-node-gpu
 *
 * and then `--node-modules-dir=auto --allow-env --allow-ffi` in each run.
 * Version 4.22 downloads TensorFlow 2.9, which wants CUDA 11.2 and cuDNN 8.1.
 * That download and a GPU are not part of this project's tests; they run the
 * same addon, linked to TensorFlow 2.21 on a CPU.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
// Registers the gradients of all kernels; the core alone has none.
import "@tensorflow/tfjs-layers";
import { ModelError } from "../checkpoint/model_error.ts";
import type { BackendName } from "./backend_name.ts";
import {
  registerMissingGradient,
  registerMissingKernels,
} from "./missing_kernels.ts";
import { loadNative } from "./native.ts";

/** Options of {@linkcode openBackend}. */
export interface BackendOptions {
  /**
   * Which backend. It is an error if it is not available.
   *
   * @default {the first available of native, webgpu, wasm and cpu}
   */
  readonly backend?: BackendName;
  /**
   * Path of a folder whose `node_modules` has the native package.
   *
   * @default {where this module's own packages are}
   */
  readonly nativeFolder?: string;
}

/** The backend in use. */
export interface Backend {
  /** Which. */
  readonly name: BackendName;
  /**
   * Where it runs. The native one takes the CPU without an error where it
   * finds no GPU or no CUDA library.
   */
  readonly device: "gpu" | "cpu";
}

/** Makes a backend available, or returns why it is not. */
type Load = (options: BackendOptions) => Promise<string | undefined>;

/** The backends in order of preference. */
const BACKENDS: Record<BackendName, { readonly id: string; load: Load }> = {
  native: {
    id: "tensorflow",
    load: ({ nativeFolder }) => Promise.resolve(loadNative(nativeFolder)),
  },
  webgpu: { id: "webgpu", load: loadWebgpu },
  wasm: {
    id: "wasm",
    load: async () => {
      await import("@tensorflow/tfjs-backend-wasm");
      registerMissingKernels();
      return undefined;
    },
  },
  cpu: {
    id: "cpu",
    load: async () => {
      await import("@tensorflow/tfjs-backend-cpu");
      return undefined;
    },
  },
};

/**
 * Chooses the backend of TensorFlow.js for the whole process.
 *
 * @param options Which backend.
 * @throws {ModelError} If it is not available.
 */
export async function openBackend(
  options: BackendOptions = {},
): Promise<Backend> {
  // Without this it advertises other packages on the console.
  tf.enableProdMode();
  registerMissingGradient();
  const names = options.backend === undefined
    ? Object.keys(BACKENDS) as BackendName[]
    : [options.backend];
  let refusal = "";
  for (const name of names) {
    const reason = await tryBackend(name, options);
    if (reason === undefined) return { name, device: deviceOf(name) };
    refusal = `Cannot use the ${name} backend of TensorFlow.js as ${reason}`;
  }
  throw new ModelError(refusal);
}

async function tryBackend(
  name: BackendName,
  options: BackendOptions,
): Promise<string | undefined> {
  const { id, load } = BACKENDS[name];
  const reason = await load(options);
  if (reason !== undefined) return reason;
  return await tf.setBackend(id) ? undefined : "it must start";
}

async function loadWebgpu(): Promise<string | undefined> {
  const adapter = await navigator.gpu?.requestAdapter();
  if (!adapter) return "there must be a graphics adapter";
  const { description, isFallbackAdapter } = adapter.info;
  if (isFallbackAdapter) {
    return `the graphics adapter must be a real one: current one is ` +
      `${description}`;
  }
  await import("@tensorflow/tfjs-backend-webgpu");
  return undefined;
}

function deviceOf(name: BackendName): Backend["device"] {
  const native = tf.backend() as { readonly isUsingGpuDevice?: boolean };
  return name === "webgpu" || native.isUsingGpuDevice ? "gpu" : "cpu";
}
