/**
 * Loads the engine on TensorFlow.js.
 *
 * @module
 */
import { importLate } from "../../async/import_late.ts";
import { ModelError } from "../../checkpoint/model_error.ts";
import type { ModelDirectory } from "../../methods/model_directory.ts";
import type { BackendName } from "../../tfjs/backend_name.ts";
import type { ProgramOptions } from "./engine_programs.ts";
import type { TrainingEngine } from "./training_engine.ts";

/** Options of {@linkcode openTfjsEngine}. */
export interface TfjsEngineOptions extends ProgramOptions {
  /**
   * What TensorFlow.js runs on. A backend that is not available is an error.
   *
   * @default {the first that works of native, webgpu, wasm and cpu}
   */
  readonly backend?: BackendName;
}

/** The part of `tfjs_engine.ts` that is used here. */
interface TfjsEngineModule {
  readonly TfjsEngine: {
    open(
      model: ModelDirectory,
      options: TfjsEngineOptions,
    ): Promise<TrainingEngine>;
  };
}

/**
 * Opens the engine on TensorFlow.js.
 *
 * @throws {ModelError} If the packages of TensorFlow.js cannot be loaded, or
 * the model or the backend cannot be used.
 */
export async function openTfjsEngine(
  model: ModelDirectory,
  options: TfjsEngineOptions,
): Promise<TrainingEngine> {
  const { TfjsEngine } = await loadEngine();
  return await TfjsEngine.open(model, options);
}

/**
 * The address is made at run time: TensorFlow.js has 300 MB, and Deno installs
 * what an address in the source leads to, in programs that never come here too.
 */
async function loadEngine(): Promise<TfjsEngineModule> {
  try {
    return await importLate(new URL("./tfjs_engine.ts", import.meta.url));
  } catch (cause) {
    const [reason] = String(cause).split("\n");
    throw new ModelError(
      "Cannot train with TensorFlow.js as its packages must be installed, " +
        "which `deno task train` does and `--lock=deno.all.lock` allows: " +
        `current answer is ${reason}`,
      { cause },
    );
  }
}
