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

/**
 * Widths up to which inputs are quantised row by row. It halves the error of
 * nano's maps. Of ViT-L it would add an eighth to the time of a block.
 */
const NARROW = 512;

/**
 * The layers of the vision tower's blocks: more than nine tenths of all
 * products. Adapters, text, scores of attention and maps stay in float32.
 */
export function modelGroups(graph: Graph): QuantisedGroups {
  return quantisedGroups(graph, isBlockMatrix);
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
