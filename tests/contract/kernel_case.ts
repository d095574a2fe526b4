/**
 * What it means for an engine to run the primitives: every engine is held to
 * one table of cases.
 *
 * @module
 */
import assert from "node:assert/strict";
import { GraphBuilder } from "../../lib/graph/builder.ts";
import type { Graph, Value } from "../../lib/graph/graph.ts";
import type { ElementType, Primitive } from "../../lib/graph/primitives.ts";
import { assertNumbers, type NamedNumbers, type Numbers } from "./numbers.ts";

/** A tiny program and what it computes. */
export interface KernelCase {
  /** What is particular. */
  readonly name: string;
  /** Writes the program. */
  readonly build: (g: GraphBuilder) => Value;
  /** Numbers for its inputs; they fix the batch. */
  readonly feeds: NamedNumbers;
  /** Numbers for its parameters; none by default. */
  readonly parameters?: NamedNumbers;
  /** What it computes; true is 1. */
  readonly expected: Numbers;
  /**
   * Element type of that.
   *
   * @default {"float"}
   */
  readonly type?: ElementType;
}

/** At least one case. */
export type KernelCases = readonly [KernelCase, ...KernelCase[]];

/** Cases that an engine cannot run. */
export interface Unsupported {
  /** Why not. */
  readonly reason: string;
  /** `primitive`, or `primitive: name of a case`. */
  readonly cases: readonly string[];
}

/** Something that runs graphs. */
export interface KernelEngine {
  /** What tests call it. */
  readonly name: string;
  /** Largest error, relative to the larger of 1 and the expected number. */
  readonly tolerance: number;
  /** Cases that it must refuse, so that this list cannot outlive its reasons. */
  readonly unsupported?: readonly Unsupported[];
  /** Runs a graph with one output, `y`. */
  readonly run: (
    graph: Graph,
    tensors: { feeds: NamedNumbers; parameters: NamedNumbers },
  ) => Promise<Numbers | undefined>;
}

/** The shape of a value once the batch is known. */
function shapeIn(graph: Graph, value: Value, feeds: NamedNumbers): number[] {
  const batches = graph.inputs.flatMap(({ name, shape }) =>
    shape.flatMap((size, i) => size < 0 ? [feeds[name]!.shape[i]! / -size] : [])
  );
  const batch = batches[0] ?? NaN;
  assert(batches.every((size) => size === batch), "one batch size");
  return value.shape.map((size) => size < 0 ? -size * batch : size);
}

/** The program of a case, whose shape and type the builder must know. */
function program(kernel: KernelCase): Graph {
  const g = new GraphBuilder();
  const value = kernel.build(g);
  const graph = g.build({ y: value });
  const { expected, feeds, type = "float" } = kernel;
  assert.equal(value.type, type);
  assert.deepEqual(shapeIn(graph, value, feeds), [...expected.shape]);
  return graph;
}

async function runCase(
  t: Deno.TestContext,
  { kernel, engine, primitive }: {
    kernel: KernelCase;
    engine: KernelEngine;
    primitive: string;
  },
): Promise<void> {
  const { name, feeds, parameters = {}, expected } = kernel;
  const graph = program(kernel);
  const run = () => engine.run(graph, { feeds, parameters });
  const refusal = engine.unsupported?.find(({ cases }) =>
    cases.includes(primitive) || cases.includes(`${primitive}: ${name}`)
  );
  if (refusal !== undefined) {
    await t.step(`${name}: refused, as ${refusal.reason}`, async () => {
      await assert.rejects(run());
    });
    return;
  }
  await t.step(name, async () => {
    assertNumbers(await run(), expected, { tolerance: engine.tolerance });
  });
}

/** Registers a test for each primitive, with a step for each of its cases. */
export function runCases(
  table: Readonly<Record<Primitive, KernelCases>>,
  engine: KernelEngine,
): void {
  for (const [primitive, cases] of Object.entries(table)) {
    const name =
      `${primitive}() gives the contract's numbers in ${engine.name}`;
    Deno.test(name, async (t) => {
      for (const kernel of cases) {
        await runCase(t, { kernel, engine, primitive });
      }
    });
  }
}
