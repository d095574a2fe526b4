/**
 * A training step of a model, to be timed.
 *
 * @module
 */
import { readWeight } from "../lib/checkpoint/safetensors.ts";
import { openModelDirectory } from "../lib/methods/model_directory.ts";
import { promptIds, promptOptions } from "../lib/methods/prompts.ts";
import type { Provider } from "../lib/onnx/session.ts";
import { OnnxEngine } from "../lib/training/engine/onnx_engine.ts";

/** Options of {@linkcode openStep}. */
export interface StepOptions {
  /** @default {"cpu"} */
  readonly provider?: Provider;
  /** Threads within one operator; 0 for as many as there are cores. */
  readonly threads: number;
  /** @default {false} */
  readonly recompute?: boolean;
}

/** A training step that can be run again. */
export interface TimedStep extends AsyncDisposable {
  /** Milliseconds that it took to differentiate and load the program. */
  readonly creation: number;
  /** Runs the step, and returns its milliseconds. */
  run(): Promise<number>;
}

/** An image [side, side, 3] with a square [100, 200) that is anomalous. */
function oneImage(side: number) {
  const inside = (i: number) => i >= 100 && i < 200;
  return {
    size: 1,
    rgb: Uint8Array.from(
      { length: side * side * 3 },
      (_, i) => (i * 7919 >> 3) % 256,
    ),
    mask: Float32Array.from(
      { length: side * side },
      (_, i) => inside(i % side) && inside(Math.floor(i / side)) ? 1 : 0,
    ),
    label: Float32Array.of(1),
  };
}

/**
 * Opens both passes, losses and gradients of the whole head, for one image.
 *
 * @param directory The model directory.
 */
export async function openStep(
  directory: string,
  { provider = "cpu", threads, recompute = false }: StepOptions,
): Promise<TimedStep> {
  const model = await openModelDirectory(directory);
  const { architecture, tokenizer, weights } = model;
  const prompt = promptIds(tokenizer, "metal_nut", promptOptions(architecture));
  const names = [...architecture.headShapes.keys()];
  const parameters = new Map<string, Float32Array>();
  for (const name of names) {
    parameters.set(name, await readWeight(weights.get(name)!));
  }
  const start = performance.now();
  const engine = await OnnxEngine.open(model, {
    trainable: new Set(names),
    textLength: Math.max(...prompt.endOfText) + 1,
    threads,
    provider,
    batchSize: 1,
    recompute: () => recompute,
  });
  const creation = performance.now() - start;
  const batch = { ...oneImage(architecture.imageSize), text: prompt.ids };
  return {
    creation,
    async run() {
      const begin = performance.now();
      await engine.step(batch, parameters);
      return performance.now() - begin;
    },
    [Symbol.asyncDispose]: () => engine.close(),
  };
}
