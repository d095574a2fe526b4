/**
 * Sentences about products, and the file in which users give their own.
 *
 * @module
 */
import { cannotLoad } from "../checkpoint/cannot_load.ts";
import {
  isJsonObject,
  type JsonObject,
  readJsonObject,
} from "../checkpoint/json_file.ts";
import { shownJson } from "../files/shown_json.ts";

/** What is said of a product, at least one sentence per state. */
export interface Sentences {
  /** What a flawless product is called. */
  readonly normal: readonly string[];
  /** What a defective product is called. */
  readonly abnormal: readonly string[];
}

/** States of a flawless product, as WinCLIP and those after it call them. */
export const NORMAL_STATES: readonly string[] = [
  "{}",
  "flawless {}",
  "perfect {}",
  "unblemished {}",
  "{} without flaw",
  "{} without defect",
  "{} without damage",
];

/** States of a defective product, as APRIL-GAN and AdaCLIP call them. */
export const ABNORMAL_STATES: readonly string[] = [
  "damaged {}",
  "broken {}",
  "{} with flaw",
  "{} with defect",
  "{} with damage",
];

/**
 * Every template about every state of a product, state by state. `{}` in a
 * template is the state, `{}` in a state is the name.
 *
 * @param name The product, which is used as it is written.
 */
export function composeSentences(
  name: string,
  { states, templates }: {
    readonly states: readonly string[];
    readonly templates: readonly string[];
  },
): string[] {
  // As functions, so that `$&` in a name has no meaning.
  return states.flatMap((state) => {
    const words = state.replace("{}", () => name);
    return templates.map((template) => template.replace("{}", () => words));
  });
}

/** Category -> the name to use for it, or its sentences. */
export type Prompts = ReadonlyMap<string, string | Sentences>;

function isText(value: unknown): value is string {
  return typeof value === "string" && value.trim() !== "";
}

/** One sentence, or a list of them. */
function parseSentences(value: unknown): readonly string[] | undefined {
  const sentences: unknown[] = Array.isArray(value) ? value : [value];
  return sentences.length > 0 && sentences.every(isText)
    ? sentences
    : undefined;
}

function parsePrompt(value: unknown): string | Sentences | undefined {
  if (!isJsonObject(value)) return isText(value) ? value : undefined;
  const normal = parseSentences(value.normal);
  const abnormal = parseSentences(value.abnormal);
  if (normal === undefined || abnormal === undefined) return undefined;
  return { normal, abnormal };
}

/**
 * Reads prompts from a parsed JSON file: `{"pcb1": "circuit board"}` gives a
 * name, `{"pcb1": {"normal": ["a flawless pcb"], "abnormal": ["a damaged
 * pcb"]}}` gives the sentences, as summary.json lists them.
 *
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
            "sentences for normal and abnormal: " +
            `current value is ${shownJson(value)}`,
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
