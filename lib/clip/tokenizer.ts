/**
 * CLIP's byte-pair tokenizer.
 *
 * @module
 */
import { Tokenizer } from "@huggingface/tokenizers";
import { cannotLoad } from "../checkpoint/cannot_load.ts";
import {
  type JsonObject,
  readJsonObject,
  readText,
} from "../checkpoint/json_file.ts";
import { isThere } from "../files/is_there.ts";

const START = "<|startoftext|>";
const END = "<|endoftext|>";

/** Words, single digits and runs of other symbols. */
const PIECES = String
  .raw`<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+`;

/** Turns text into the ids of CLIP's vocabulary. */
export class ClipTokenizer {
  #tokenizer: Tokenizer;
  /** Id of the end-of-text token; no id is larger. */
  readonly endOfText: number;

  /**
   * @param json A parsed tokenizer.json.
   * @param path What errors call the file.
   * @throws {ModelError} If it is not a tokenizer like CLIP's.
   */
  constructor(json: JsonObject, path: string) {
    try {
      this.#tokenizer = new Tokenizer(json, {});
    } catch (error) {
      const why = error instanceof RangeError
        ? "it is nested too deeply"
        : (error as Error).message;
      cannotLoad(path, `it is no tokenizer: ${why}`);
    }
    const [start, end, ...rest] = this.encode("");
    if (start === undefined || end === undefined || rest.length > 0) {
      cannotLoad(path, "it does not put one token before and after a text");
    }
    const ids = this.#tokenizer.get_vocab(true).values();
    const largest = ids.reduce((a, b) => Math.max(a, b), -1);
    if (end !== largest) {
      cannotLoad(
        path,
        `the end-of-text token must have the largest id, ${largest}: ` +
          `current value is ${end}`,
      );
    }
    this.endOfText = end;
  }

  /**
   * Gives the ids of a text, between those of start and end of text. They equal
   * those of `CLIPTokenizerFast` in `transformers`.
   */
  encode(text: string): number[] {
    // JavaScript alone lowers a final capital sigma to another letter.
    return this.#tokenizer.encode(text.replaceAll("Σ", "σ")).ids;
  }
}

/** Writes vocab.json and merges.txt as the tokenizer.json they stand for. */
function tokenizerJson(vocab: JsonObject, merges: string[]): JsonObject {
  const special = (content: string) => ({
    id: vocab[content],
    content,
    special: true,
    normalized: false,
  });
  return {
    added_tokens: [special(START), special(END)],
    normalizer: {
      type: "Sequence",
      normalizers: [
        { type: "NFC" },
        { type: "Replace", pattern: { Regex: "\\s+" }, content: " " },
        { type: "Lowercase" },
      ],
    },
    pre_tokenizer: {
      type: "Sequence",
      pretokenizers: [
        {
          type: "Split",
          pattern: { Regex: PIECES },
          behavior: "Removed",
          invert: true,
        },
        { type: "ByteLevel", add_prefix_space: false },
      ],
    },
    post_processor: {
      type: "RobertaProcessing",
      sep: [END, vocab[END]],
      cls: [START, vocab[START]],
      trim_offsets: false,
      add_prefix_space: false,
    },
    decoder: { type: "ByteLevel" },
    model: {
      type: "BPE",
      unk_token: END,
      continuing_subword_prefix: "",
      end_of_word_suffix: "</w>",
      vocab,
      merges,
    },
  };
}

async function openVocabulary(folder: string): Promise<ClipTokenizer> {
  const path = `${folder}/vocab.json`;
  const vocab = await readJsonObject(path);
  for (const token of [START, END]) {
    if (typeof vocab[token] !== "number") {
      cannotLoad(path, `token ${token} is missing`);
    }
  }
  const text = await readText(`${folder}/merges.txt`);
  const merges = text.split(/\r?\n/).filter((line) =>
    line.trim() !== "" && !line.startsWith("#version")
  );
  return new ClipTokenizer(tokenizerJson(vocab, merges), path);
}

/** Whether a file is there; one that cannot be looked up is an error. */
async function holds(path: string): Promise<boolean> {
  try {
    return await isThere(path);
  } catch (error) {
    cannotLoad(path, `it cannot be read: ${(error as Error).message}`);
  }
}

/**
 * Opens the tokenizer of a CLIP model: tokenizer.json where there is one, else
 * vocab.json and merges.txt.
 *
 * @param folder The folder that holds the files.
 * @throws {ModelError} If files are missing or are not a tokenizer like CLIP's.
 */
export async function openTokenizer(folder: string): Promise<ClipTokenizer> {
  const path = `${folder}/tokenizer.json`;
  if (await holds(path)) {
    return new ClipTokenizer(await readJsonObject(path), path);
  }
  if (!await holds(`${folder}/vocab.json`)) {
    cannotLoad(
      folder,
      "it must hold tokenizer.json, or vocab.json and merges.txt",
    );
  }
  return await openVocabulary(folder);
}
