/**
 * Goldens of tests/golden/graph: what PyTorch and SciPy compute.
 *
 * @module
 */
import type { GraphBuilder } from "../../lib/graph/builder.ts";
import type { Graph, Value } from "../../lib/graph/graph.ts";
import type { NamedNumbers, Numbers } from "../contract/numbers.ts";

/** Some inputs and what comes of them. */
export interface GoldenCase {
  /** Numbers and flags of the layer. */
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Its tensors. */
  readonly inputs: NamedNumbers;
  /** What it computes. */
  readonly expected: Numbers;
}

/** Reads a file of tests/golden/graph. */
export async function readGoldens<T>(file: string): Promise<T> {
  const path = `${import.meta.dirname}/../golden/graph/${file}`;
  return JSON.parse(await Deno.readTextFile(path));
}

/** Declares every tensor of a case as an input, under its name. */
export function goldenInputs(
  g: GraphBuilder,
  { inputs }: GoldenCase,
): (name: string) => Value {
  const values = new Map(
    Object.entries(inputs).map(([name, { shape }]) => [
      name,
      g.input(name, shape, "float"),
    ]),
  );
  return (name) => values.get(name)!;
}

/** Names of the primitives of a graph, in order. */
export function primitives({ nodes }: Graph): string[] {
  return nodes.map(({ primitive }) => primitive);
}
