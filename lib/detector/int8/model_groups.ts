/**
 * Which layers of a model are quantised.
 *
 * @module
 */
import { isBlockMatrix } from "../../clip/vision_transformer.ts";
import type { Graph } from "../../graph/graph.ts";
import {
  type QuantisedGroups,
  quantisedGroups,
  quantisedNames,
  quantiseGraph,
  smoothingName,
} from "../../graph/quantise.ts";
import type { NetworkPrecision } from "../../methods/precision.ts";

/**
 * Matrices with a smaller side stay in float32. Up to 192 numbers, quantising
 * row by row takes as long as the product saves (nano takes 17 ms in place of
 * 12), and errors of so few numbers do not average out. See lib/onnx/README.md.
 */
const LEAST_SIDE = 256;

/**
 * Widths up to which inputs are quantised row by row, which halves
 * the error. Of ViT-L it would add an eighth to the time of a block.
 */
const NARROW = 768;

/**
 * What narrow towers keep in float32: the first block, whose errors all later
 * ones read, and the projections of attention, whose errors change which tokens
 * are mixed. It is half of the work at most. See lib/onnx/README.md.
 */
const SENSITIVE = /^vision_model\.encoder\.layers\.(0\.|\d+\.self_attn\.)/;

/** Whether a stored matrix is one that is quantised. */
function isQuantised(name: string, shape: readonly number[]): boolean {
  const side = Math.min(...shape);
  if (!isBlockMatrix(name) || side < LEAST_SIDE) return false;
  return side > NARROW || !SENSITIVE.test(name);
}

/** Whether a model has any layer that is quantised. */
export function hasQuantisedLayers(
  weights: ReadonlyMap<string, { readonly shape: readonly number[] }>,
): boolean {
  return [...weights].some(([name, { shape }]) => isQuantised(name, shape));
}

/**
 * The precision that a model runs in where one is asked for: int8 takes wide
 * layers, and a model without any runs in float32.
 */
export function runningPrecision(
  weights: Parameters<typeof hasQuantisedLayers>[0],
  asked: NetworkPrecision,
): NetworkPrecision {
  return asked === "int8" && !hasQuantisedLayers(weights) ? "f32" : asked;
}

/**
 * The wide layers of the vision tower's blocks: more than nine tenths of all
 * products. Adapters, text, scores of attention and maps stay in float32.
 */
export function modelGroups(graph: Graph): QuantisedGroups {
  const shapes = new Map(
    graph.nodes.filter(({ primitive }) => primitive === "parameter")
      .map(({ output: { name, shape } }) => [name, shape]),
  );
  return quantisedGroups(
    graph,
    (name) => isQuantised(name, shapes.get(name)!),
  );
}

/**
 * Marks the layers of a model's graph for which there are quantised tensors.
 *
 * @param stored Names of the quantised tensors.
 */
export function quantiseModelGraph(
  graph: Graph,
  stored: { has(name: string): boolean },
): Graph {
  const groups = quantisedGroups(
    graph,
    (weight) =>
      isBlockMatrix(weight) && stored.has(quantisedNames(weight).integers),
  );
  return quantiseGraph(graph, groups, {
    isSmoothed: (group) => stored.has(smoothingName(group)),
    isByRow: ({ inputs }) => inputs[0]!.shape.at(-1)! <= NARROW,
  });
}
