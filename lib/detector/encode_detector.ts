/**
 * The detector's program, from bytes to maps.
 *
 * @module
 */
import type { WeightEntry } from "../checkpoint/weights.ts";
import { GraphBuilder } from "../graph/builder.ts";
import type { DetectionOptions } from "../methods/method.ts";
import type { ModelDirectory } from "../methods/model_directory.ts";
import { encodeOnnx, type EncodeOptions } from "../onnx/encode.ts";

/** Options of {@linkcode encodeDetector}. */
export interface EncodeDetectorOptions
  extends
    Pick<EncodeOptions, "precision" | "prelude" | "locate">,
    DetectionOptions {
  /** Where a tensor lies, if not where the model directory has it. */
  readonly weight?: (name: string) => WeightEntry;
}

/**
 * Writes a model as ONNX, from bytes `rgb` [B, side, side, 3] and prompts `ids`
 * [B, 2, n] to `map` and `logit_map` [B, side, side], `score` and
 * `score_logit` [B].
 */
export function encodeDetector(
  { architecture, weights }: ModelDirectory,
  { textLength, smooth, ...encoding }: EncodeDetectorOptions,
): Uint8Array<ArrayBuffer> {
  const g = new GraphBuilder();
  const { outputs } = architecture.detection(g, { textLength, smooth });
  return encodeOnnx(g.build(outputs), {
    weight: (name) => weights.get(name)!,
    ...encoding,
  });
}
