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
import type { ResnetConfig } from "../../resnet/config.ts";
import { resnetFeatures } from "../../resnet/resnet.ts";
import {
  anomalyMap,
  channel,
  type DetectionValues,
  readDetection,
} from "../anomaly_map.ts";
import { normalise } from "../inputs.ts";
import type { MfpClipConfig } from "./config.ts";
import { textFeatures } from "./image_to_text_prompting.ts";
import { promptWithMask } from "./mask_prompting.ts";
import { patchFeatures } from "./multi_patch_feature_aggregation.ts";
import { promptBlock, visualPrompts } from "./self_prompting.ts";

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
  /** Patch tokens of each tap in the first pass [B, P, Dv]. */
  readonly taps: readonly Value[];
  /** Probabilities of the first pass [B, S, H, H]. */
  readonly coarse: Value;
  /** Probabilities of the second pass; those of the first without MP. */
  readonly refined: Value;
}

/**
 * Images `rgb` in [0, 1], [B, 3, H, H], and prompts `ids` [B, S, n]; without
 * I2TP text features `text` [B, S, Dt] may take the place of the prompts.
 */
export type MfpClipInputs =
  & { readonly rgb: Value }
  & ({ readonly ids: Value } | { readonly text: Value });

/** The whole model. */
export function mfpClip(
  g: GraphBuilder,
  inputs: MfpClipInputs,
  options: MfpClipOptions,
): MfpClipValues {
  const { rgb } = inputs;
  const { clip, config, resnet } = options;
  const { textLength: length = clip.text.maxPositionEmbeddings } = options;
  const cnn = resnetFeatures(g, rgb, resnet);
  const text = "text" in inputs
    ? inputs.text
    : textFeatures(g, { ids: inputs.ids, cnn }, { clip, config, length });
  const prompts = config.sp ? visualPrompts(g, cnn, options) : undefined;
  const image = normalise(g, rgb);
  const patches = g.scope("image", () => embedPatches(g, image, clip.vision));
  const pass = (name: string, tokens: Value) =>
    g.scope(name, () => encode(g, tokens, { prompts, text, options }));
  const { map: coarse, taps } = pass("coarse", patches);
  const refined = config.mp
    ? pass(
      "refined",
      promptWithMask(g, patches, {
        image,
        coarse: g.detach(channel(g, coarse, 1)),
        vision: clip.vision,
      }),
    ).map
    : coarse;
  const detection = readDetection(g, refined, options.smooth ?? 0);
  return { cnn, text, taps, coarse, refined, ...detection };
}

interface PassValues {
  /** Probabilities [B, S, H, H]. */
  readonly map: Value;
  /** Patch tokens of each tap [B, P, Dv]. */
  readonly taps: readonly Value[];
}

/** One pass of the vision tower, from embedded patches [B, P, Dv]. */
function encode(
  g: GraphBuilder,
  patches: Value,
  { prompts, text, options: { clip, config } }: {
    prompts: Value | undefined;
    text: Value;
    options: MfpClipOptions;
  },
): PassValues {
  const { vision } = clip;
  let x = enterTower(g, patches, vision);
  const count = x.shape[1]!;
  const taps: Value[] = [];
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
    taps.push(tokens);
    features.push(patchFeatures(g, tokens, { tap, clip, config }));
  }
  const scale = config.logitScale === null
    ? g.exp(g.cast(g.parameter("logit_scale", []), "wide"))
    : g.constant([config.logitScale], [], "wide");
  const { imageSize: side } = config;
  return { map: anomalyMap(g, features, { text, scale, side }), taps };
}
