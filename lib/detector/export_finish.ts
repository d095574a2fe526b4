/**
 * The part of a score that the program itself computes on the host, as a part
 * of an exported model.
 *
 * @module
 */
import { GraphBuilder } from "../graph/builder.ts";
import type { Graph, Value } from "../graph/graph.ts";
import type {
  FinishPrograms,
  NamedValues,
} from "../methods/finish_programs.ts";
import type { Emitter } from "../onnx/emitter.ts";
import {
  afterAll,
  afterRound,
  beforeRound,
  encodeRounds,
  GOES_ON,
  type Rounds,
} from "../onnx/encode_rounds.ts";
import type { TensorInfo } from "../onnx/model_proto.ts";

/** The outputs that every exported model gives as its network computes them. */
const MAPS = ["map", "logit_map"];

/** Values under other names, none of which occurs in a network. */
function renamed(values: NamedValues, prefix: string): NamedValues {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [`${prefix} ${name}`, value]),
  );
}

/** Declares values of an earlier program as inputs. */
function inputsFor(
  g: GraphBuilder,
  values: NamedValues,
  nameOf: (name: string) => string,
): Record<string, Value> {
  return Object.fromEntries(
    Object.entries(values).map(([name, { shape }]) => [
      name,
      g.input(nameOf(name), shape, "wide"),
    ]),
  );
}

const STATE = "state";
const KEPT = "kept";

/** The programs, of which each reads outputs of those before. */
function recordRounds(
  { rounds: most, ...programs }: FinishPrograms,
  outputs: NamedValues,
): Rounds {
  const first = new GraphBuilder();
  const { state, kept } = first.scope("begin", () =>
    programs.begin(
      first,
      inputsFor(first, outputs, (name) => `${name} of the network`),
    ));
  const read = (g: GraphBuilder, nameOf: (name: string) => string) => ({
    state: inputsFor(g, state, (name) => nameOf(`${STATE} ${name}`)),
    kept: inputsFor(g, kept, (name) => `${KEPT} ${name}`),
  });
  const body = new GraphBuilder();
  const next = body.scope(
    "round",
    () => programs.round(body, read(body, beforeRound)),
  );
  const later = new GraphBuilder();
  const scores = later.scope(
    "end",
    () => programs.end(later, read(later, afterAll)),
  );
  const after = Object.entries(next.state).map(([name, value]) =>
    [afterRound(`${STATE} ${name}`), value] as const
  );
  return {
    begin: first.build({ ...renamed(state, STATE), ...renamed(kept, KEPT) }),
    round: body.build({ [GOES_ON]: next.goesOn, ...Object.fromEntries(after) }),
    end: later.build(scores),
    state: Object.keys(renamed(state, STATE)),
    most,
  };
}

/**
 * Adds the programs behind a network.
 *
 * @param graph The network, whose outputs they read.
 * @returns What the model gives: maps of the network, scores of the programs.
 */
export function emitFinish(
  emit: Emitter,
  programs: FinishPrograms,
  { outputs }: Graph,
): TensorInfo[] {
  const entries = [...outputs].filter(([name]) => !MAPS.includes(name));
  const rounds = recordRounds(programs, Object.fromEntries(entries));
  const reads = rounds.begin.inputs.map(({ name }) =>
    [name, name.replace(/ of the network$/, "")] as const
  );
  const scores = encodeRounds(emit, rounds, new Map(reads));
  const maps = MAPS.map((name) => emit.info(name, outputs.get(name)!));
  return [...maps, ...scores];
}
