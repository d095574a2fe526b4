/**
 * The network of a detector as ONNX, from bytes to maps.
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
  /**
   * Where a tensor lies.
   *
   * @default {Its place in the model directory}
   */
  readonly weight?: (name: string) => WeightEntry;
}

/**
 * Encodes a model as ONNX. Its inputs are bytes `rgb` [B, side, side, 3] and
 * prompts `ids` [B, 2, n]; its outputs are `map` and `logit_map`
 * [B, side, side], `score` and `score_logit` [B].
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
