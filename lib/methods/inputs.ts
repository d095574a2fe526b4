/**
 * The inputs that programs of all methods share.
 *
 * @module
 */
import type { ClipConfig } from "../clip/config.ts";
import type { GraphBuilder } from "../graph/builder.ts";
import type { Value } from "../graph/graph.ts";
import { BATCH } from "../graph/shape.ts";

/** Mean of each channel, from 0 to 1, of the images that CLIP was trained on. */
export const CLIP_MEAN: readonly number[] = [0.48145466, 0.4578275, 0.40821073];
/** Their standard deviation by channel. */
export const CLIP_STD: readonly number[] = [0.26862954, 0.26130258, 0.27577711];

/** Declares images as bytes [B, H, H, 3]; the result is [B, 3, H, H] in [0, 1]. */
export function byteImages(g: GraphBuilder, side: number): Value {
  const bytes = g.input("rgb", [BATCH, side, side, 3], "uint8");
  const scaled = g.divide(g.cast(bytes, "float"), 255);
  return g.transpose(scaled, [0, 3, 1, 2]);
}

/** Declares images as numbers in [0, 1], [B, 3, H, H]. */
export function floatImages(g: GraphBuilder, side: number): Value {
  return g.cast(g.input("rgb", [BATCH, 3, side, side], "wide"), "float");
}

/** Images in [0, 1] as CLIP's vision tower reads them, [B, 3, H, H]. */
export function normalise(g: GraphBuilder, rgb: Value): Value {
  const mean = g.constant(CLIP_MEAN, [3, 1, 1]);
  return g.divide(g.subtract(rgb, mean), g.constant(CLIP_STD, [3, 1, 1]));
}

/** Declares prompts as ids [B, N, n]: normal, then abnormal. */
export function promptIdsInput(
  g: GraphBuilder,
  clip: ClipConfig,
  count = 2,
): Value {
  const n = clip.text.maxPositionEmbeddings;
  return g.input("ids", [BATCH, count, n], "int");
}

/** Declares the text features of each image's category, [B, S, Dt]. */
export function textInput(g: GraphBuilder, clip: ClipConfig): Value {
  return g.input("text", [BATCH, 2, clip.projectionDim], "wide");
}

/** What is known of the images of a batch. */
export interface Targets {
  /** 1 where defective, 0 elsewhere, [B, H, H]. */
  readonly mask: Value;
  /** 1 for a defective image, from the data set and not from the mask, [B]. */
  readonly label: Value;
}

/** Declares what is known of a batch as inputs `mask` and `label`. */
export function targetInputs(g: GraphBuilder, side: number): Targets {
  return {
    mask: g.input("mask", [BATCH, side, side], "wide"),
    label: g.input("label", [BATCH], "wide"),
  };
}
