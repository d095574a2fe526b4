/**
 * What a method computes outside of its program, as programs too.
 *
 * @module
 */
import type { GraphBuilder } from "../graph/builder.ts";
import type { Value } from "../graph/graph.ts";

/** Values by name. */
export type NamedValues = Readonly<Record<string, Value>>;

/**
 * `Architecture.finish` as programs, for models that run elsewhere: `begin`,
 * then `round` until it is over, then `end`. They run in float64.
 */
export interface FinishPrograms {
  /** How often `round` runs at most. */
  readonly rounds: number;
  /**
   * Records what the first round reads.
   *
   * @param outputs All outputs of the program of detection, as `wide`.
   */
  begin(g: GraphBuilder, outputs: NamedValues): FinishBeginning;
  /** Records one round. */
  round(g: GraphBuilder, values: FinishBeginning): FinishRound;
  /** Records the scores after the last round. */
  end(
    g: GraphBuilder,
    values: FinishBeginning,
  ): { readonly score: Value; readonly score_logit: Value };
}

/** What a round reads. */
export interface FinishBeginning {
  /** What each round changes. */
  readonly state: NamedValues;
  /** What stays. */
  readonly kept: NamedValues;
}

/** What a round computes. */
export interface FinishRound {
  /** The state after it, with the names and shapes of the one before. */
  readonly state: NamedValues;
  /** Whether another round follows, a bool scalar. */
  readonly goesOn: Value;
}
