/**
 * Prompt tokens of AdaCLIP: learned ones for each block, and ones made of the
 * image, the same for all blocks.
 *
 * @module
 */
import { linearLayer } from "../../clip/transformer.ts";
import type { GraphBuilder } from "../../graph/builder.ts";
import type { Value } from "../../graph/graph.ts";
import type { AdaClipConfig } from "./config.ts";
import { hasDynamic, staticBlocks, type Tower } from "./head.ts";

/** Options of {@linkcode dynamicPrompts}. */
export interface DynamicOptions {
  /** The choices. */
  readonly config: AdaClipConfig;
  /** The tower that the prompts are for. */
  readonly tower: Tower;
  /** Its width D. */
  readonly width: number;
}

/**
 * Prompts that depend on the image.
 *
 * @param plain CLIP's own image feature [B, Dt], not normalised.
 * @returns [B, L, D]; null if the tower has none.
 */
export function dynamicPrompts(
  g: GraphBuilder,
  plain: () => Value,
  { config, tower, width }: DynamicOptions,
): Value | null {
  if (!hasDynamic(config, tower)) return null;
  const feature = plain();
  const tokens = Array.from({ length: config.length }, (_, k) => {
    const name = `${tower}.dynamic.${k}`;
    const token = linearLayer(g, feature, { name, width });
    return g.reshape(token, [feature.shape[0]!, 1, width]);
  });
  return g.concat(tokens, 1);
}

/** Options of {@linkcode blockPrompts}. */
export interface PromptOptions {
  /** The choices. */
  readonly config: AdaClipConfig;
  /** The prompted tower. */
  readonly tower: Tower;
  /** The block, counted from 0. */
  readonly block: number;
  /** What {@linkcode dynamicPrompts} gave. */
  readonly dynamic: Value | null;
  /** The shape of the result: [N, L, D]. */
  readonly shape: readonly [count: number, length: number, width: number];
  /** How many of them, one after another, belong to one image. */
  readonly copies: number;
}

/**
 * The prompts of a block: the static ones, the dynamic ones, or their sum. The
 * published code rounds them to float16, and so their gradient.
 *
 * @returns [N, L, D].
 */
export function blockPrompts(
  g: GraphBuilder,
  { config, tower, block, dynamic, shape, copies }: PromptOptions,
): Value {
  const [count, length, width] = shape;
  const own = staticBlocks(config, tower).includes(block)
    ? g.parameter(`${tower}.static.${block}`, [length, width])
    : null;
  const both = own === null
    ? dynamic!
    : dynamic === null
    ? g.reshape(own, [1, length, width])
    : g.add(own, dynamic);
  const images = both.shape[0]!;
  const spread = g.broadcastTo(
    g.reshape(both, [images, 1, length, width]),
    [dynamic === null ? count / copies : images, copies, length, width],
  );
  const all = g.reshape(spread, [count, length, width]);
  return config.halfPrompts ? g.cast(g.cast(all, "half"), all.type) : all;
}
