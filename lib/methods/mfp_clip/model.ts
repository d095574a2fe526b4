/**
 * MFP-CLIP as a tensor program: both passes, from pixels to maps and scores.
 * It reads like figure 2 of the paper.
 *
 * @module
 */
import type { ClipConfig } from "../../clip/config.ts";
import {
  embedPatches,
  enterTower,
  visionBlock,
} from "../../clip/vision_transformer.ts";
import type { GraphBuilder } from "../../graph/builder.ts";
import type { Value } from "../../graph/graph.ts";
import { BATCH } from "../../graph/shape.ts";
import type { ResnetConfig } from "../../resnet/config.ts";
import { resnetFeatures } from "../../resnet/resnet.ts";
import {
  anomalyMap,
  channel,
  type DetectionValues,
  readDetection,
} from "../anomaly_map.ts";
import type { MfpClipConfig } from "./config.ts";
import { textFeatures } from "./image_to_text_prompting.ts";
import { promptWithMask } from "./mask_prompting.ts";
import { patchFeatures } from "./multi_patch_feature_aggregation.ts";
import { promptBlock, visualPrompts } from "./self_prompting.ts";

/** Mean of each channel, from 0 to 1, of the images that CLIP was trained on. */
export const CLIP_MEAN: readonly number[] = [0.48145466, 0.4578275, 0.40821073];
/** Their standard deviation by channel. */
export const CLIP_STD: readonly number[] = [0.26862954, 0.26130258, 0.27577711];

/** Everything that fixes the shapes of a model. */
export interface ModelSizes {
  /** Sizes of the CLIP towers. */
  readonly clip: ClipConfig;
  /** Sizes of the CNN. */
  readonly resnet: ResnetConfig;
  /** Choices of the paper. */
  readonly config: MfpClipConfig;
}

/** Options of {@linkcode mfpClip}. */
export interface MfpClipOptions extends ModelSizes {
  /**
   * L: how many token positions enter the text tower; every end of text must
   * lie below it.
   *
   * @default {n, the context length}
   */
  readonly textLength?: number;
  /**
   * Standard deviation in pixels of the Gaussian that smooths the maps, but
   * not the scores.
   *
   * @default {0}
   */
  readonly smooth?: number;
}

/** What the model computes; `map` to `score_logit` are what users see. */
export interface MfpClipValues extends DetectionValues {
  /** CNN features [B, C]. */
  readonly cnn: Value;
  /** Text features [B, S, Dt]. */
  readonly text: Value;
  /** Probabilities of the first pass [B, S, H, H]. */
  readonly coarse: Value;
  /** Probabilities of the second pass; those of the first without MP. */
  readonly refined: Value;
}

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

/** Declares prompts as ids [B, S, n]: normal, then abnormal. */
export function promptIdsInput(g: GraphBuilder, clip: ClipConfig): Value {
  return g.input("ids", [BATCH, 2, clip.text.maxPositionEmbeddings], "int");
}

/**
 * The whole model.
 *
 * @param rgb Images in [0, 1], [B, 3, H, H].
 * @param ids Prompts [B, S, n], as {@linkcode promptIdsInput} declares.
 */
export function mfpClip(
  g: GraphBuilder,
  { rgb, ids }: { rgb: Value; ids: Value },
  options: MfpClipOptions,
): MfpClipValues {
  const { clip, config, resnet } = options;
  const { textLength: length = clip.text.maxPositionEmbeddings } = options;
  const cnn = resnetFeatures(g, rgb, resnet);
  const text = textFeatures(g, { ids, cnn }, { clip, config, length });
  const prompts = config.sp ? visualPrompts(g, cnn, options) : undefined;
  const image = normalise(g, rgb);
  const patches = g.scope("image", () => embedPatches(g, image, clip.vision));
  const pass = (name: string, tokens: Value) =>
    g.scope(name, () => encode(g, tokens, { prompts, text, options }));
  const coarse = pass("coarse", patches);
  const refined = config.mp
    ? pass(
      "refined",
      promptWithMask(g, patches, {
        image,
        coarse: g.detach(channel(g, coarse, 1)),
        vision: clip.vision,
      }),
    )
    : coarse;
  const detection = readDetection(g, refined, options.smooth ?? 0);
  return { cnn, text, coarse, refined, ...detection };
}

/** Images in [0, 1] as CLIP's vision tower reads them, [B, 3, H, H]. */
export function normalise(g: GraphBuilder, rgb: Value): Value {
  const mean = g.constant(CLIP_MEAN, [3, 1, 1]);
  return g.divide(g.subtract(rgb, mean), g.constant(CLIP_STD, [3, 1, 1]));
}

/** One pass of the vision tower: patch tokens [B, P, Dv] to maps [B, S, H, H]. */
function encode(
  g: GraphBuilder,
  patches: Value,
  { prompts, text, options: { clip, config } }: {
    prompts: Value | undefined;
    text: Value;
    options: MfpClipOptions;
  },
): Value {
  const { vision } = clip;
  let x = enterTower(g, patches, vision);
  const count = x.shape[1]!;
  const features: Value[] = [];
  const deepest = config.taps.at(-1)!;
  for (let block = 1; block <= deepest; block++) {
    if (prompts !== undefined) {
      x = promptBlock(g, x, { prompts, block, count, config });
    }
    const entering = x;
    x = g.segment(() => visionBlock(g, entering, { vision, index: block - 1 }));
    const tap = config.taps.indexOf(block);
    if (tap < 0) continue;
    const tokens = g.slice(x, 1, 1, count);
    features.push(patchFeatures(g, tokens, { tap, clip, config }));
  }
  const scale = config.logitScale === null
    ? g.exp(g.cast(g.parameter("logit_scale", []), "wide"))
    : g.constant([config.logitScale], [], "wide");
  return anomalyMap(g, features, { text, scale, side: config.imageSize });
}
