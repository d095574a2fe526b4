/**
 * Image-to-text prompting (I2TP), section 3.3: the text encoder reads
 * prompts that know the image.
 *
 * @module
 */
import type { ClipConfig } from "../../clip/config.ts";
import { embedTokens, encodeText } from "../../clip/text_transformer.ts";
import { linearLayer } from "../../clip/transformer.ts";
import type { GraphBuilder } from "../../graph/builder.ts";
import type { Value } from "../../graph/graph.ts";
import { linear } from "../../graph/nn.ts";
import type { MfpClipConfig } from "./config.ts";

/** Options of {@linkcode textFeatures}. */
export interface TextOptions {
  /** Sizes of the towers. */
  readonly clip: ClipConfig;
  /** Choices of the paper. */
  readonly config: MfpClipConfig;
  /**
   * L: how many positions enter the text tower. All ends of text must lie
   * below it.
   */
  readonly length: number;
}

/**
 * Text features F_t of the prompts, one for each image and state.
 *
 * @param ids Prompts [B, S, n], padded with zeros.
 * @param cnn CNN features of the images [B, C].
 * @returns Unit vectors [B, S, Dt].
 */
export function textFeatures(
  g: GraphBuilder,
  { ids, cnn }: { ids: Value; cnn: Value },
  { clip, config, length }: TextOptions,
): Value {
  return g.scope("text", () => {
    const mix = !config.i2tp
      ? (tokens: Value) => g.slice(tokens, 2, 0, length)
      : config.i2tpFusion === "token"
      ? (tokens: Value) => mixTokens(g, tokens, { image: image(), length })
      : (tokens: Value) => mixFeatures(g, tokens, { image: image(), length });
    const image = () =>
      linearLayer(g, cnn, {
        name: "i2tp.image_projection",
        width: clip.text.hiddenSize,
      }); // [B, Dw], equation 1
    const tokens = embedTokens(g, ids, clip.text); // [B, S, n, Dw]
    return encodeText(g, mix(tokens), { clip, ids });
  });
}

/**
 * Text features that no image changes: what a model without I2TP reads.
 *
 * @param ids One sentence per state [S, n].
 * @returns Unit vectors [S, Dt].
 */
export function promptFeatures(
  g: GraphBuilder,
  ids: Value,
  { clip, length }: Omit<TextOptions, "config">,
): Value {
  return g.scope("text", () => {
    const batch = g.reshape(ids, [1, ...ids.shape]);
    const tokens = g.slice(embedTokens(g, batch, clip.text), 2, 0, length);
    const features = encodeText(g, tokens, { clip, ids: batch });
    return g.reshape(features, [ids.shape[0]!, clip.projectionDim]);
  });
}

interface MixOptions {
  readonly image: Value;
  readonly length: number;
}

/** Equation 2 on the width: each token is joined to the image's. */
function mixFeatures(
  g: GraphBuilder,
  tokens: Value,
  { image, length }: MixOptions,
): Value {
  const [batch, states, , width] = tokens.shape as number[];
  const shape = [batch!, states!, length, width!];
  const own = g.slice(tokens, 2, 0, length);
  const shared = g.reshape(image, [batch!, 1, 1, width!]);
  const both = g.concat([own, g.broadcastTo(shared, shape)], 3);
  return linearLayer(g, both, { name: "i2tp.mixing", width: width! });
}

/** Equation 2 along the tokens: the image is token n + 1. */
function mixTokens(
  g: GraphBuilder,
  tokens: Value,
  { image, length }: MixOptions,
): Value {
  const [batch, states, n, width] = tokens.shape as number[];
  const shared = g.reshape(image, [batch!, 1, 1, width!]);
  const last = g.broadcastTo(shared, [batch!, states!, 1, width!]);
  const all = g.transpose(g.concat([tokens, last], 2), [0, 1, 3, 2]);
  const weight = g.parameter("i2tp.mixing.weight", [n!, n! + 1]);
  const bias = g.parameter("i2tp.mixing.bias", [n!]);
  const mixed = linear(g, all, {
    weight: g.slice(weight, 0, 0, length),
    bias: g.slice(bias, 0, 0, length),
  }); // [B, S, Dw, L]
  return g.transpose(mixed, [0, 1, 3, 2]);
}
