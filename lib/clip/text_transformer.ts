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

/**
 * Encodes the first L token embeddings of sentences and reads the result at
 * their end-of-text token, which must lie among them: later tokens do not
 * matter, since attention is causal.
 *
 * @param tokens Token embeddings [B, S, L, Dw].
 * @param options Sizes, and the sentences' ids [B, S, n], whose largest id is
 * the end of text.
 * @returns Text features [B, S, Dt], not normalised.
 */
export function encodeSentences(
  g: GraphBuilder,
  tokens: Value,
  { clip, ids }: { clip: ClipConfig; ids: Value },
): Value {
  const [batch, states, length, width] = tokens.shape as number[];
  const sentences = batch! * states!;
  const { numHiddenLayers, layerNormEps: epsilon } = clip.text;
  let x = g.reshape(tokens, [sentences, length!, width!]);
  x = g.add(x, positions(g, clip.text, length!));
  for (let layer = 0; layer < numHiddenLayers; layer++) {
    const name = `text_model.encoder.layers.${layer}`;
    x = transformerBlock(g, x, { name, tower: clip.text, causal: true });
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
  options: { clip: ClipConfig; ids: Value },
): Value {
  return l2Normalize(g, encodeSentences(g, tokens, options));
}

function positions(g: GraphBuilder, text: TextConfig, length: number): Value {
  const { maxPositionEmbeddings: n, hiddenSize: width } = text;
  const name = `${EMBEDDINGS}.position_embedding.weight`;
  return g.slice(g.parameter(name, [n, width]), 0, 0, length);
}

/** 1 at each sentence's first largest id, else 0: [B, S, n] -> [B, S, L]. */
function endOfText(g: GraphBuilder, ids: Value, length: number): Value {
  const indices = Float64Array.from({ length }, (_, i) => i);
  const at = g.argMax(ids, 2); // [B, S, 1]
  return g.cast(g.equal(g.constant(indices, [length], "int"), at), "float");
}
