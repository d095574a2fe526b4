/**
 * Text features of many sentences: CLIP's ensemble of prompts.
 *
 * @module
 */
import type { ClipConfig } from "../clip/config.ts";
import { embedTokens, encodeSentences } from "../clip/text_transformer.ts";
import type { GraphBuilder } from "../graph/builder.ts";
import type { Value } from "../graph/graph.ts";
import { l2Normalize } from "../graph/nn.ts";
import type { TextOptions } from "./text_rules.ts";

/** Options of {@linkcode ensembleFeatures}. */
export interface EnsembleOptions extends TextOptions {
  /** Sizes of the towers. */
  readonly clip: ClipConfig;
  /** Whether each sentence has the length 1 before the mean. */
  readonly unitSentences: boolean;
}

/**
 * The mean over the sentences of each state, with the length 1.
 *
 * @param ids Sentences [N, n], those of the normal state first.
 * @returns One unit vector per state [2, Dt].
 */
export function ensembleFeatures(
  g: GraphBuilder,
  ids: Value,
  { clip, perState, length, unitSentences }: EnsembleOptions,
): Value {
  return g.scope("text", () => {
    const batch = g.reshape(ids, [1, ...ids.shape]); // [1, N, n]
    const tokens = g.slice(embedTokens(g, batch, clip.text), 2, 0, length);
    const encoded = encodeSentences(g, tokens, { clip, ids: batch });
    const options = { perState, unitSentences };
    const features = stateFeatures(g, encoded, options); // [1, 2, Dt]
    return g.reshape(features, [2, clip.projectionDim]);
  });
}

/**
 * The mean over the sentences of each state, with the length 1.
 *
 * @param encoded Features of the sentences [B, N, Dt], those of the normal
 * state first.
 * @returns One unit vector per state [B, 2, Dt].
 */
export function stateFeatures(
  g: GraphBuilder,
  encoded: Value,
  { perState: [normal, abnormal], unitSentences }: Pick<
    EnsembleOptions,
    "perState" | "unitSentences"
  >,
): Value {
  const sentences = unitSentences ? l2Normalize(g, encoded) : encoded;
  const wide = g.cast(sentences, "wide"); // [B, N, Dt]
  const mean = (from: number, count: number) =>
    g.reduceMean(g.slice(wide, 1, from, from + count), [1]);
  const states = [mean(0, normal), mean(normal, abnormal)];
  return l2Normalize(g, g.concat(states, 1)); // [B, 2, Dt]
}
