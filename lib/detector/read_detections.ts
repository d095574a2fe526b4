/**
 * From the outputs of a session to detections.
 *
 * @module
 */
import type { Detection } from "../methods/detection.ts";
import type { Architecture, HostScores } from "../methods/architecture.ts";
import { float32, type Tensors } from "../onnx/tensor.ts";

/** What {@linkcode readDetections} must know besides the outputs. */
export interface ReadDetectionsOptions {
  /** How many images there are. */
  readonly count: number;
  /** Time spent in the session. */
  readonly milliseconds: number;
}

/** The scores of a batch: from the program, or computed here. */
function scoresOf(
  { finish }: Pick<Architecture, "finish">,
  outputs: Tensors,
  count: number,
): HostScores {
  if (finish === null) {
    return {
      score: float32(outputs, "score"),
      score_logit: float32(outputs, "score_logit"),
    };
  }
  const names = Object.keys(outputs);
  const arrays = names.map((name) => [name, float32(outputs, name)] as const);
  return finish(Object.fromEntries(arrays), count);
}

/** Reads one detection for each image of a batch, in order. */
export function readDetections(
  architecture: Pick<Architecture, "finish" | "mapSize">,
  outputs: Tensors,
  { count, milliseconds }: ReadDetectionsOptions,
): Detection[] {
  const pixels = architecture.mapSize ** 2;
  const maps = float32(outputs, "map"); // [B, H, H]
  const logits = float32(outputs, "logit_map"); // [B, H, H]
  const { score, score_logit } = scoresOf(architecture, outputs, count);
  return Array.from({ length: count }, (_, i) => ({
    anomalyMap: maps.subarray(i * pixels, (i + 1) * pixels),
    logitMap: logits.subarray(i * pixels, (i + 1) * pixels),
    imageScore: score[i]!,
    scoreLogit: score_logit[i]!,
    milliseconds: milliseconds / count,
  }));
}
