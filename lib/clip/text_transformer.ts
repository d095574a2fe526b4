/**
 * CLIP's text tower.
 *
 * @module
 */
import type { GraphBuilder } from "../graph/builder.ts";
import type { Value } from "../graph/graph.ts";
import { l2Normalize } from "../graph/nn.ts";
import type { ClipConfig, TextConfig } from "./config.ts";
import { normLayer, transformerBlock } from "./transformer.ts";

const EMBEDDINGS = "text_model.embeddings";

/** Token embeddings of ids [..., n]: [..., n, Dw]. */
export function embedTokens(
  g: GraphBuilder,
  ids: Value,
  text: TextConfig,
): Value {
  const name = `${EMBEDDINGS}.token_embedding.weight`;
  const table = g.parameter(name, [text.vocabSize, text.hiddenSize]);
  return g.gather(table, ids);
}

/** Options of {@linkcode encodeSentences}. */
export interface EncodeSentencesOptions {
  /** Sizes of the towers. */
  readonly clip: ClipConfig;
  /** The ids of the sentences [B, S, n], whose largest is the end of text. */
  readonly ids: Value;
  /**
   * Changes what enters a block: tokens [B S, L, Dw], positions added, and the
   * number of the block, counted from 0.
   *
   * @default {nothing changes}
   */
  readonly enter?: (tokens: Value, block: number) => Value;
}

/**
 * Encodes the first L token embeddings of sentences and reads the result at
 * their end-of-text token, which must lie among them: later tokens do not
 * matter, since attention is causal.
 *
 * @param tokens Token embeddings [B, S, L, Dw].
 * @returns Text features [B, S, Dt], not normalised.
 */
export function encodeSentences(
  g: GraphBuilder,
  tokens: Value,
  { clip, ids, enter = (x) => x }: EncodeSentencesOptions,
): Value {
  const [batch, states, length, width] = tokens.shape as number[];
  const sentences = batch! * states!;
  const { numHiddenLayers, layerNormEps: epsilon } = clip.text;
  let x = g.reshape(tokens, [sentences, length!, width!]);
  x = g.add(x, positions(g, clip.text, length!));
  for (let layer = 0; layer < numHiddenLayers; layer++) {
    const name = `text_model.encoder.layers.${layer}`;
    const options = { name, tower: clip.text, causal: true };
    x = transformerBlock(g, enter(x, layer), options);
  }
  const last = g.reshape(endOfText(g, ids, length!), [sentences, 1, length!]);
  const y = g.matMul(last, x); // [B S, 1, Dw]
  const name = "text_model.final_layer_norm";
  const normal = normLayer(g, y, { name, epsilon });
  const projection = g.parameter("text_projection.weight", [
    clip.projectionDim,
    width!,
  ]);
  const features = g.matMul(normal, projection, { transposeB: true });
  return g.reshape(features, [batch!, states!, clip.projectionDim]);
}

/**
 * {@linkcode encodeSentences} with features of the length 1.
 *
 * @returns Unit text features [B, S, Dt].
 */
export function encodeText(
  g: GraphBuilder,
  tokens: Value,
  options: EncodeSentencesOptions,
): Value {
  return l2Normalize(g, encodeSentences(g, tokens, options));
}

function positions(g: GraphBuilder, text: TextConfig, length: number): Value {
  const { maxPositionEmbeddings: n, hiddenSize: width } = text;
  const name = `${EMBEDDINGS}.position_embedding.weight`;
  return g.slice(g.parameter(name, [n, width]), 0, 0, length);
}

/**
 * Puts prompts in the place of the tokens after the first one, as far as there
 * are so many.
 *
 * @param x Tokens [N, L, D].
 * @param prompts Their new values [N, M, D].
 */
export function overwriteTokens(
  g: GraphBuilder,
  x: Value,
  prompts: Value,
): Value {
  const length = x.shape[1]!;
  const count = Math.min(prompts.shape[1]!, length - 1);
  if (count === 0) return x;
  const first = g.slice(x, 1, 0, 1);
  const own = g.slice(prompts, 1, 0, count);
  const rest = count + 1 < length ? [g.slice(x, 1, count + 1, length)] : [];
  return g.concat([first, own, ...rest], 1);
}

/** 1 at each sentence's first largest id, else 0: [B, S, n] -> [B, S, L]. */
function endOfText(g: GraphBuilder, ids: Value, length: number): Value {
  const indices = Float64Array.from({ length }, (_, i) => i);
  const at = g.argMax(ids, 2); // [B, S, 1]
  return g.cast(g.equal(g.constant(indices, [length], "int"), at), "float");
}
