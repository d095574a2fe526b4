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

/** Options of {@linkcode transformerBlock}. */
export interface BlockOptions {
  /** Name of the block in the checkpoint. */
  readonly name: string;
  /** Sizes of its tower. */
  readonly tower: TowerConfig;
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
  { name, tower, causal = false }: BlockOptions,
): Value {
  return g.scope(name, () => {
    const { hiddenSize: width, layerNormEps: epsilon } = tower;
    const project = (y: Value, layer: string) =>
      linearLayer(g, y, { name: `${name}.self_attn.${layer}`, width });
    const y = normLayer(g, x, { name: `${name}.layer_norm1`, epsilon });
    const mixed = attention(
      g,
      [project(y, "q_proj"), project(y, "k_proj"), project(y, "v_proj")],
      { heads: tower.numAttentionHeads, causal },
    );
    const attended = g.add(x, project(mixed, "out_proj"));
    return g.add(attended, mlp(g, attended, { name, tower }));
  });
}

function mlp(
  g: GraphBuilder,
  x: Value,
  { name, tower }: BlockOptions,
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
