/**
 * Names of the backends of TensorFlow.js. They stand apart from it, so that who
 * names one in an option does not install it.
 *
 * @module
 */

/**
 * The backends: TensorFlow's own library (where a user has installed
 * `@tensorflow/tfjs-node-gpu`), WebGPU, WebAssembly on one thread, or
 * JavaScript.
 */
export type BackendName = "native" | "webgpu" | "wasm" | "cpu";
