/**
 * Programs that run one after another, the second of them in rounds, as ONNX:
 * operators and a Loop.
 *
 * @module
 */
import type { Graph } from "../graph/graph.ts";
import { encodeUnits } from "./encode.ts";
import { Emitter } from "./emitter.ts";
import type { OnnxGraph, TensorInfo } from "./model_proto.ts";

/**
 * Programs that read outputs of those before, by their names. No two values have
 * the same name: each program has a scope of its own.
 */
export interface Rounds {
  /** What is computed before the first round: the state, and what stays. */
  readonly begin: Graph;
  /**
   * A round. It reads its state by the names of {@linkcode beforeRound} and
   * computes it by those of {@linkcode afterRound}, and {@linkcode GOES_ON}.
   */
  readonly round: Graph;
  /**
   * What is computed after the last round: it reads the state by the names of
   * {@linkcode afterAll}.
   */
  readonly end: Graph;
  /** Names of the state, among the outputs of `begin`. */
  readonly state: readonly string[];
  /** How often the round runs at most. */
  readonly most: number;
}

/** The output of a round that says whether another one follows. */
export const GOES_ON = "goes on";

/** What a round calls the value of a part of the state that it is given. */
export function beforeRound(name: string): string {
  return `${name} before a round`;
}

/** What a round calls the new value of a part of the state. */
export function afterRound(name: string): string {
  return `${name} after a round`;
}

/** What the last round leaves of a part of the state. */
export function afterAll(name: string): string {
  return `${name} after all rounds`;
}

function float64Emitter(): Emitter {
  return new Emitter({
    precision: "f64",
    locate: (file) => file,
    weight: (name) => {
      throw new TypeError(`Cannot encode ${name} as no round reads weights`);
    },
  });
}

/** Adds a graph whose inputs are there; its outputs get their names. */
function addGraph(graph: Graph, emit: Emitter): TensorInfo[] {
  encodeUnits(graph, emit, false);
  return [...graph.outputs].map(([name, value]) => {
    emit.node("Identity", [value.name], { output: name });
    return emit.info(name, value);
  });
}

/** A round as the body of a Loop. */
function bodyOf({ round, state }: Rounds): OnnxGraph {
  const emit = float64Emitter();
  const given = new Map(addGraph(round, emit).map((info) => [info.name, info]));
  const outputs = state.map((name) => given.get(afterRound(name))!);
  const { nodes, initializers } = emit;
  return {
    nodes,
    initializers,
    inputs: [
      { name: "number of the round", shape: [], type: "int64" },
      { name: "went on", shape: [], type: "bool" },
      ...state.map((name, i) => ({ ...outputs[i]!, name: beforeRound(name) })),
    ],
    outputs: [given.get(GOES_ON)!, ...outputs],
  };
}

/** Adds the loop over the rounds. */
function addLoop(rounds: Rounds, emit: Emitter): void {
  const { state, most } = rounds;
  const data = new Uint8Array(BigInt64Array.of(BigInt(most)).buffer);
  const limit = {
    name: "most rounds",
    shape: [],
    type: "int64",
    data,
  } as const;
  const start = {
    name: "begins",
    shape: [],
    type: "bool",
    data: Uint8Array.of(1),
  } as const;
  emit.initializers.push(limit, start);
  emit.nodes.push({
    type: "Loop",
    inputs: [limit.name, start.name, ...state],
    outputs: state.map(afterAll),
    attributes: { body: { graph: bodyOf(rounds) } },
  });
}

/**
 * Adds the programs, which run in float64 at every precision.
 *
 * @param reads What `begin` reads: the names of its inputs and of their values.
 * @returns The outputs of `end`, in float32.
 */
export function encodeRounds(
  emit: Emitter,
  rounds: Rounds,
  reads: ReadonlyMap<string, string>,
): TensorInfo[] {
  const late = float64Emitter();
  for (const [input, name] of reads) {
    late.cast(name, "float64", { output: input });
  }
  addGraph(rounds.begin, late);
  addLoop(rounds, late);
  encodeUnits(rounds.end, late, false);
  const outputs = [...rounds.end.outputs].map(([output, value]) => {
    const name = late.cast(value.name, "float32", { output });
    return { ...late.info(name, value), type: "float32" as const };
  });
  emit.nodes.push(...late.nodes);
  emit.initializers.push(...late.initializers);
  return outputs;
}
