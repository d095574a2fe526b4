/**
 * The token ids of the sentences about a product.
 *
 * @module
 */
import { ModelError } from "../checkpoint/model_error.ts";
import type { TextConfig } from "../clip/config.ts";
import type { ClipTokenizer } from "../clip/tokenizer.ts";
import type { PromptRules } from "./text_rules.ts";
import type { Prompts, Sentences } from "./sentences.ts";

/** Options of {@linkcode promptIds}. */
export interface PromptOptions {
  /** Tokens per sentence, n. */
  readonly contextLength: number;
  /** Which sentences the method reads. */
  readonly rules: PromptRules;
  /**
   * Names and sentences of categories; others are named as they are.
   *
   * @default {new Map()}
   */
  readonly prompts?: Prompts;
}

/** What {@linkcode promptOptions} must know of a model. */
export interface PromptedModel {
  /** Sizes of its CLIP. */
  readonly clip: {
    readonly text: Pick<TextConfig, "maxPositionEmbeddings">;
  };
  /** Which sentences it reads. */
  readonly prompts: PromptRules;
}

/** What the text tower reads, and what to tell the user about it. */
export interface PromptIds {
  /** Ids, zero-padded; rows of the normal state come first. */
  readonly ids: BigInt64Array; // [N, n]
  /** How many rows each state has. */
  readonly perState: readonly [normal: number, abnormal: number];
  /**
   * Position of the end-of-text token in each row, counted from 0; the first
   * one, if a text spells it out.
   */
  readonly endOfText: readonly number[];
  /** The words that were tokenised. */
  readonly sentences: Sentences;
  /** One clause for each thing the user should know; mostly none. */
  readonly warnings: readonly string[];
}

/** Keeps the end-of-text token, which the text tower reads. */
function cut(ids: number[], length: number): number[] {
  return ids.length <= length
    ? ids
    : [...ids.slice(0, length - 1), ids.at(-1)!];
}

function warn(
  sentence: string,
  lengths: { full: number; kept: number; trained: number | null },
): string[] {
  const { full, kept, trained } = lengths;
  const warnings: string[] = [];
  if (full > kept) {
    warnings.push(
      `the prompt "${sentence}" has ${full} tokens and is cut to ${kept}`,
    );
  }
  if (trained !== null && kept - 1 > trained) {
    warnings.push(
      `the prompt "${sentence}" has ${kept} tokens, but the model was ` +
        `trained with at most ${trained + 1}`,
    );
  }
  return warnings;
}

function cannotUse(category: string, reason: string): never {
  throw new ModelError(
    `Cannot use the prompts of "${category}" as ${reason}`,
  );
}

/** Refuses sentences of a user that the model cannot read. */
function assertReadable(
  category: string,
  { normal, abnormal }: Sentences,
  { perState, fixed }: PromptRules,
): void {
  const own = [normal, abnormal];
  const isFixed = fixed !== undefined;
  if (isFixed && `${own}` !== `${[fixed.normal, fixed.abnormal]}`) {
    cannotUse(
      category,
      "the model reads the same sentences for every product, which are " +
        `"${fixed.normal}" and "${fixed.abnormal}": current value is ` +
        `"${normal}" and "${abnormal}"`,
    );
  }
  const counts = [normal.length, abnormal.length];
  if (perState === null || counts.join() === perState.join()) return;
  cannotUse(
    category,
    `the model reads ${perState.join(" + ")} sentences, normal + abnormal: ` +
      `current numbers are ${counts.join(" + ")}`,
  );
}

/**
 * The options of {@linkcode promptIds} for a model.
 *
 * @throws {ModelError} If the model cannot read so many sentences.
 */
export function promptOptions(
  { clip: { text }, prompts: rules }: PromptedModel,
  prompts: Prompts = new Map(),
): PromptOptions {
  for (const [category, prompt] of prompts) {
    if (typeof prompt !== "string") assertReadable(category, prompt, rules);
  }
  return { contextLength: text.maxPositionEmbeddings, rules, prompts };
}

function sentencesOf(
  category: string,
  { rules, prompts }: PromptOptions,
): Sentences {
  const prompt = prompts?.get(category) ?? category;
  return typeof prompt === "string" ? rules.sentences(prompt) : prompt;
}

/** Refuses states that the model cannot tell apart. */
function assertApart(
  category: string,
  normal: readonly number[][],
  abnormal: readonly number[][],
): void {
  const key = (rows: readonly number[][]) => rows.map(String).sort().join("|");
  if (key(normal) !== key(abnormal)) return;
  const tokens = normal.reduce((sum, row) => sum + row.length, 0);
  cannotUse(category, `both states have the same ${tokens} tokens`);
}

/**
 * Gives the ids of the sentences of a category, as the method writes them
 * unless the prompts say otherwise. A sentence longer than the context is cut
 * with its end-of-text token kept.
 *
 * @param category Category as the data set spells it.
 * @throws {ModelError} If both states have the same ids.
 */
export function promptIds(
  tokenizer: ClipTokenizer,
  category: string,
  options: PromptOptions,
): PromptIds {
  const { contextLength: n, rules: { longestEndOfText: trained } } = options;
  const sentences = sentencesOf(category, options);
  const texts = [...sentences.normal, ...sentences.abnormal];
  const full = texts.map((text) => tokenizer.encode(text));
  const rows = full.map((ids) => cut(ids, n));
  const split = sentences.normal.length;
  assertApart(category, rows.slice(0, split), rows.slice(split));
  const ids = new BigInt64Array(rows.length * n); // [N, n]
  rows.forEach((row, i) => ids.set(row.map(BigInt), i * n));
  const warnings = texts.flatMap((text, i) => {
    const lengths = { full: full[i]!.length, kept: rows[i]!.length };
    return warn(text, { ...lengths, trained });
  });
  return {
    ids,
    perState: [split, sentences.abnormal.length],
    endOfText: rows.map((row) => row.indexOf(tokenizer.endOfText)),
    sentences,
    warnings,
  };
}
