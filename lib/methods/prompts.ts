/**
 * The two sentences that stand for a normal and an abnormal product.
 *
 * @module
 */
import { cannotLoad } from "../checkpoint/cannot_load.ts";
import {
  isJsonObject,
  type JsonObject,
  readJsonObject,
} from "../checkpoint/json_file.ts";
import { ModelError } from "../checkpoint/model_error.ts";
import type { ClipTokenizer } from "../clip/tokenizer.ts";

/** One sentence per state. */
export interface Sentences {
  /** What a flawless product is called. */
  readonly normal: string;
  /** What a defective product is called. */
  readonly abnormal: string;
}

/** Category -> the name to use for it, or its sentences. */
export type Prompts = ReadonlyMap<string, string | Sentences>;

/** Options of {@linkcode promptIds}. */
export interface PromptOptions {
  /** Tokens per sentence, n. */
  readonly contextLength: number;
  /**
   * Names and sentences of categories; others are named as they are.
   *
   * @default {new Map()}
   */
  readonly prompts?: Prompts;
  /**
   * Longest end-of-text position seen in training, counted from 0. A sentence
   * that ends later is warned of.
   *
   * @default {null}
   */
  readonly longestEndOfText?: number | null;
}

/** What the text tower reads, and what to tell the user about it. */
export interface PromptIds {
  /** Ids, zero-padded; row 0 is normal, row 1 abnormal. */
  readonly ids: BigInt64Array; // [2, n]
  /**
   * Position of the end-of-text token in each row, counted from 0; the first
   * one, should a text spell it out.
   */
  readonly endOfText: readonly [number, number];
  /** The words that were tokenised. */
  readonly sentences: Sentences;
  /** One clause for each thing the user should know; mostly none. */
  readonly warnings: readonly string[];
}

/** The paper's sentences (section 3.2) for the name of a product. */
function sentencesFor(name: string): Sentences {
  const words = name.replaceAll("_", " ");
  return {
    normal: `A photo of a normal ${words}`,
    abnormal: `A photo of a abnormal ${words}`,
  };
}

/** A sentence, or a list of just one, as the text tower reads one per state. */
function parseSentence(value: unknown): string | undefined {
  const sentence = Array.isArray(value) && value.length === 1
    ? value[0]
    : value;
  return typeof sentence === "string" && sentence.trim() !== ""
    ? sentence
    : undefined;
}

function parsePrompt(value: unknown): string | Sentences | undefined {
  if (!isJsonObject(value)) {
    return typeof value === "string" && value.trim() !== "" ? value : undefined;
  }
  const normal = parseSentence(value.normal);
  const abnormal = parseSentence(value.abnormal);
  if (normal === undefined || abnormal === undefined) return undefined;
  return { normal, abnormal };
}

/**
 * Reads prompts from a parsed JSON file: `{"pcb1": "circuit board"}` gives a
 * name, `{"pcb1": {"normal": ["a flawless pcb"], "abnormal": ["a damaged
 * pcb"]}}` gives the sentences, exactly one per state.
 *
 * @param json The parsed file.
 * @param path What errors call the file.
 * @throws {ModelError} If a category has neither.
 */
export function parsePrompts(json: JsonObject, path: string): Prompts {
  return new Map(
    Object.entries(json).map(([category, value]) => {
      const prompt = parsePrompt(value);
      if (prompt === undefined) {
        cannotLoad(
          path,
          `${JSON.stringify(category)} must be a name or an object with ` +
            "one sentence each for normal and abnormal: " +
            `current value is ${JSON.stringify(value)}`,
        );
      }
      return [category, prompt];
    }),
  );
}

/**
 * Reads prompts from a JSON file.
 *
 * @see {@linkcode parsePrompts} for what the file holds.
 * @throws {ModelError} If the file is missing or not as described.
 */
export async function readPrompts(path: string): Promise<Prompts> {
  return parsePrompts(await readJsonObject(path), path);
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

/**
 * Gives the ids of the two sentences of a category: "A photo of a normal X"
 * and "A photo of a abnormal X", unless the prompts say otherwise. `_` in a
 * name reads as a space. A sentence longer than the context is cut with its
 * end-of-text token kept.
 *
 * @param tokenizer The tokenizer of the model.
 * @param category Category as the data set spells it.
 * @throws {ModelError} If both states have the same ids.
 */
export function promptIds(
  tokenizer: ClipTokenizer,
  category: string,
  options: PromptOptions,
): PromptIds {
  const { contextLength: n, prompts, longestEndOfText = null } = options;
  const prompt = prompts?.get(category) ?? category;
  const sentences = typeof prompt === "string" ? sentencesFor(prompt) : prompt;
  const texts = [sentences.normal, sentences.abnormal] as const;
  const full = texts.map((text) => tokenizer.encode(text));
  const rows = full.map((ids) => cut(ids, n));
  const [normal, abnormal] = rows as [number[], number[]];
  if (normal.join() === abnormal.join()) {
    throw new ModelError(
      `Cannot use the prompts of "${category}" as both states have the same ` +
        `${normal.length} tokens`,
    );
  }
  const ids = new BigInt64Array(2 * n); // [2, n]
  rows.forEach((row, s) => ids.set(row.map(BigInt), s * n));
  const warnings = texts.flatMap((text, s) =>
    warn(text, {
      full: full[s]!.length,
      kept: rows[s]!.length,
      trained: longestEndOfText,
    })
  );
  const position = (row: number[]) => row.indexOf(tokenizer.endOfText);
  const endOfText = [position(normal), position(abnormal)] as const;
  return { ids, endOfText, sentences, warnings };
}
