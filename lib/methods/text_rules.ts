/**
 * Which sentences a method reads, and what it makes of them.
 *
 * @module
 */
import type { GraphBuilder } from "../graph/builder.ts";
import type { Value } from "../graph/graph.ts";
import type { Sentences } from "./sentences.ts";

/** Which sentences a method reads. */
export interface PromptRules {
  /** The sentences about a product of this name. */
  sentences(name: string): Sentences;
  /**
   * Sentences that stand for every product, whose name they do not say. Others
   * are refused.
   *
   * @default {each product has its own}
   */
  readonly fixed?: Sentences;
  /**
   * How many sentences each state must have, normal before abnormal; null for
   * any number.
   */
  readonly perState: readonly [normal: number, abnormal: number] | null;
  /**
   * Position from 0 of the last end of text that the model can read well; a
   * warning names longer sentences. Null for no such limit.
   */
  readonly longestEndOfText: number | null;
}

/** Text features that do not depend on the image. */
export interface TextProgram {
  /**
   * Records the features of one category.
   *
   * @param ids The sentences [N, n], those of the normal state first.
   * @returns One unit vector per state [2, Dt].
   */
  features(g: GraphBuilder, ids: Value, options: TextOptions): Value;
}

/** Options of {@linkcode TextProgram.features}. */
export interface TextOptions {
  /** Number of sentences of each state. */
  readonly perState: readonly [normal: number, abnormal: number];
  /** Positions that enter the text tower; all ends of text lie below it. */
  readonly length: number;
}
