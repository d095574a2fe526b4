/**
 * The parameters of golden models.
 *
 * @module
 */
import type { WeightEntry } from "../../lib/checkpoint/weights.ts";
import type { Graph } from "../../lib/graph/graph.ts";
import { readParameter } from "../../lib/training/trainable.ts";

/** Reads every parameter of a graph, by name. */
export async function readParameters(
  { nodes }: Graph,
  weights: ReadonlyMap<string, WeightEntry>,
): Promise<(name: string) => Float32Array> {
  const found = new Map<string, Float32Array>();
  for (const { primitive, output: { name } } of nodes) {
    if (primitive !== "parameter") continue;
    found.set(name, await readParameter(weights.get(name)!));
  }
  return (name) => found.get(name)!;
}
