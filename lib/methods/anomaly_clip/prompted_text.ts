/**
 * AnomalyCLIP's text features: learned tokens stand in both sentences, and
 * others take their places before later blocks.
 *
 * @module
 */
import {
  embedTokens,
  encodeText,
  overwriteTokens,
} from "../../clip/text_transformer.ts";
import type { GraphBuilder } from "../../graph/builder.ts";
import type { Value } from "../../graph/graph.ts";
import type { ClipSizes } from "../clip_architecture.ts";
import type { AnomalyClipConfig } from "./config.ts";
import { deepName } from "./head.ts";

/** The states, as the head names them. */
const STATES = ["normal", "abnormal"] as const;

/** The learned tokens of both sentences, [2, E, Dw]. */
function contextTokens(
  g: GraphBuilder,
  { clip: { text: { hiddenSize } }, config: { context } }: TextSizes,
): Value {
  const tokens = STATES.map((state) => {
    const own = g.parameter(`prompt.${state}`, [context, hiddenSize]);
    return g.reshape(own, [1, context, hiddenSize]);
  });
  return g.concat(tokens, 0);
}

/**
 * The learned tokens that enter a block, [2, M, Dw]. Both sentences have a copy
 * of their own: the published code rounds the gradient of each to float16.
 */
function deepTokens(
  g: GraphBuilder,
  block: number,
  { clip: { text: { hiddenSize } }, config }: TextSizes,
): Value {
  const { deep, halfPrompts } = config;
  const own = g.parameter(deepName(block), [deep, hiddenSize]);
  const one = g.reshape(own, [1, deep, hiddenSize]);
  const copies = g.broadcastTo(one, [STATES.length, deep, hiddenSize]);
  return halfPrompts ? g.cast(g.cast(copies, "half"), copies.type) : copies;
}

type TextSizes = ClipSizes<AnomalyClipConfig>;

/** Options of {@linkcode promptedText}. */
export interface PromptedTextOptions extends TextSizes {
  /** Positions that enter the text tower; all ends of text lie below it. */
  readonly length: number;
}

/**
 * The features of both states.
 *
 * @param ids Both sentences [1, 2, n], the normal one first.
 * @returns Unit text features [1, 2, Dt].
 */
export function promptedText(
  g: GraphBuilder,
  ids: Value,
  options: PromptedTextOptions,
): Value {
  const { clip, config, length } = options;
  const { context, deep, depth } = config;
  return g.scope("text", () => {
    const words = g.slice(embedTokens(g, ids, clip.text), 2, 0, length);
    const width = clip.text.hiddenSize;
    const rows = g.reshape(words, [STATES.length, length, width]);
    const prompted = context === 0
      ? rows
      : overwriteTokens(g, rows, contextTokens(g, options));
    const enter = (x: Value, block: number) =>
      deep === 0 || block === 0 || block >= depth
        ? x
        : overwriteTokens(g, x, deepTokens(g, block, options));
    const tokens = g.reshape(prompted, words.shape);
    return encodeText(g, tokens, { clip, ids, enter });
  });
}
