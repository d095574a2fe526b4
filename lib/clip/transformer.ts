/**
 * The pre-norm transformer block that both CLIP towers are made of.
 *
 * @module
 */
import type { GraphBuilder } from "../graph/builder.ts";
import type { Value } from "../graph/graph.ts";
import { attention, gelu, layerNorm, linear, quickGelu } from "../graph/nn.ts";
import type { TowerConfig } from "./config.ts";

/** The linear layer `name` of a checkpoint, from `x`'s width to `width`. */
export function linearLayer(
  g: GraphBuilder,
  x: Value,
  { name, width }: { name: string; width: number },
): Value {
  const weight = g.parameter(`${name}.weight`, [width, x.shape.at(-1)!]);
  const bias = g.parameter(`${name}.bias`, [width]);
  return linear(g, x, { weight, bias });
}

/** The layer norm `name` of a checkpoint. */
export function normLayer(
  g: GraphBuilder,
  x: Value,
  { name, epsilon }: { name: string; epsilon: number },
): Value {
  const width = x.shape.at(-1)!;
  const weight = g.parameter(`${name}.weight`, [width]);
  const bias = g.parameter(`${name}.bias`, [width]);
  return layerNorm(g, x, { weight, bias, epsilon });
}

/** A block of a tower. */
export interface Block {
  /** Its name in the checkpoint. */
  readonly name: string;
  /** Sizes of its tower. */
  readonly tower: TowerConfig;
}

/** Options of {@linkcode transformerBlock}. */
export interface BlockOptions extends Block {
  /**
   * Whether tokens attend to earlier ones only.
   *
   * @default {false}
   */
  readonly causal?: boolean;
}

/** One block over tokens [N, L, D]: [N, L, D]. */
export function transformerBlock(
  g: GraphBuilder,
  x: Value,
  options: BlockOptions,
): Value {
  return g.scope(options.name, () => {
    const projected = projectTokens(g, x, options);
    const attended = g.add(x, attend(g, projected, options));
    return g.add(attended, feedForward(g, attended, options));
  });
}

/** What the attention of a block compares and mixes. */
export type Projections = readonly [q: Value, k: Value, v: Value];

/** Normalises tokens [N, L, D] and projects them, each [N, L, D]. */
export function projectTokens(
  g: GraphBuilder,
  x: Value,
  { name, tower }: Block,
): Projections {
  const { hiddenSize: width, layerNormEps: epsilon } = tower;
  const y = normLayer(g, x, { name: `${name}.layer_norm1`, epsilon });
  const project = (layer: string) =>
    linearLayer(g, y, { name: `${name}.self_attn.${layer}`, width });
  return [project("q_proj"), project("k_proj"), project("v_proj")];
}

/** The attention of a block, with its output layer: [N, L, D]. */
export function attend(
  g: GraphBuilder,
  projections: Projections,
  { name, tower, causal = false }: BlockOptions,
): Value {
  const { hiddenSize: width, numAttentionHeads: heads } = tower;
  const mixed = attention(g, projections, { heads, causal });
  return linearLayer(g, mixed, { name: `${name}.self_attn.out_proj`, width });
}

/** The MLP of a block, with the layer norm before it: [N, L, D]. */
export function feedForward(
  g: GraphBuilder,
  x: Value,
  { name, tower }: Block,
): Value {
  const { hiddenSize, intermediateSize, layerNormEps: epsilon } = tower;
  const activation = tower.hiddenAct === "quick_gelu" ? quickGelu : gelu;
  const y = normLayer(g, x, { name: `${name}.layer_norm2`, epsilon });
  const hidden = linearLayer(g, y, {
    name: `${name}.mlp.fc1`,
    width: intermediateSize,
  });
  return linearLayer(g, activation(g, hidden), {
    name: `${name}.mlp.fc2`,
    width: hiddenSize,
  });
}
