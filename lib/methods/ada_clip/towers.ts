/**
 * CLIP's towers with prompts in their first blocks.
 *
 * @module
 */
import type { ClipConfig } from "../../clip/config.ts";
import {
  embedTokens,
  encodeSentences,
  overwriteTokens,
} from "../../clip/text_transformer.ts";
import { imageFeatures, visionBlock } from "../../clip/vision_transformer.ts";
import type { GraphBuilder } from "../../graph/builder.ts";
import type { Value } from "../../graph/graph.ts";
import { stateFeatures } from "../text_ensemble.ts";
import type { TextOptions } from "../text_rules.ts";
import type { AdaClipConfig } from "./config.ts";
import { isPrompted } from "./head.ts";
import { blockPrompts } from "./prompts.ts";

/** Everything that fixes the shapes of a model. */
export interface AdaClipSizes {
  /** Sizes of the CLIP towers, with the activation that the choices say. */
  readonly clip: ClipConfig;
  /** The choices. */
  readonly config: AdaClipConfig;
}

/** What the vision tower gives. */
export interface VisionValues {
  /** CLIP's image feature of the class token [B, Dt], not normalised. */
  readonly feature: Value;
  /** Patch tokens after each tap [B, P, Dv], in the order of the blocks. */
  readonly taps: readonly Value[];
}

/** CLIP's own image feature, without prompts and gradients: [B, Dt]. */
export function plainFeature(
  g: GraphBuilder,
  tokens: Value,
  { clip }: AdaClipSizes,
): Value {
  return g.scope("plain", () => {
    const { vision } = clip;
    let x = tokens;
    for (let index = 0; index < vision.numHiddenLayers; index++) {
      x = visionBlock(g, x, { vision, index });
    }
    return g.detach(classFeature(g, x, clip));
  });
}

/** CLIP's image feature, of tokens after the last block. */
function classFeature(g: GraphBuilder, x: Value, clip: ClipConfig): Value {
  const [batch, , width] = x.shape as [number, number, number];
  const token = g.reshape(g.slice(x, 1, 0, 1), [batch, width]);
  return imageFeatures(g, token, clip);
}

/**
 * The prompted vision tower. Prompts stand after the patches; each prompted
 * block has its own, and behind the last of these blocks they go along.
 *
 * @param tokens Class token and patches [B, 1 + P, Dv].
 * @param dynamic Prompts that depend on the image [B, L, Dv], or null.
 */
export function promptedVision(
  g: GraphBuilder,
  tokens: Value,
  dynamic: Value | null,
  { clip, config }: AdaClipSizes,
): VisionValues {
  const { vision } = clip;
  const [batch, count, width] = tokens.shape as [number, number, number];
  const shape = [batch, config.length, width] as const;
  const taps: Value[] = [];
  let x = tokens;
  for (let index = 0; index < vision.numHiddenLayers; index++) {
    if (isPrompted(config, "vision") && index < config.depth) {
      const options = { config, tower: "vision", block: index } as const;
      const shapes = { dynamic, shape, copies: 1 };
      const prompts = blockPrompts(g, { ...options, ...shapes });
      x = g.concat([index === 0 ? x : g.slice(x, 1, 0, count), prompts], 1);
    }
    const entering = x;
    x = g.segment(() => visionBlock(g, entering, { vision, index }));
    if (config.taps.includes(index + 1)) taps.push(g.slice(x, 1, 1, count));
  }
  return { feature: classFeature(g, x, clip), taps };
}

/**
 * Text features of sentences. Prompts take the place of the words after the
 * first token, as published.
 *
 * @param ids Sentences [B, N, n], those of the normal state first; B is 1 where
 * nothing depends on the image.
 * @param dynamic Prompts that depend on the image [B, L, Dw], or null.
 * @returns One unit vector per state [B, 2, Dt].
 */
export function promptedText(
  g: GraphBuilder,
  { ids, dynamic }: { ids: Value; dynamic: Value | null },
  { clip, config, perState, length }: AdaClipSizes & TextOptions,
): Value {
  return g.scope("text", () => {
    const [batch, copies] = ids.shape as [number, number, number];
    const tokens = g.slice(embedTokens(g, ids, clip.text), 2, 0, length);
    const count = batch * copies;
    const shape = [count, config.length, clip.text.hiddenSize] as const;
    const enter = (x: Value, block: number) => {
      const isIn = isPrompted(config, "text") && block >= 1;
      if (!isIn || block >= config.depth) return x;
      const options = { config, tower: "text", block } as const;
      const shapes = { dynamic, shape, copies };
      return overwriteTokens(g, x, blockPrompts(g, { ...options, ...shapes }));
    };
    const encoded = encodeSentences(g, tokens, { clip, ids, enter });
    return stateFeatures(g, encoded, { perState, unitSentences: true });
  });
}
