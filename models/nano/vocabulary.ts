/**
 * The vocabulary of nano: every byte, and whole words for common prompts.
 *
 * @module
 */

/** Words of prompts: the sentence, states, and products of data sets. */
export const WORDS: readonly string[] = `
a an the of with without and in on photo image picture close up
normal abnormal good damaged perfect flawless defective broken scratched dirty
defect anomaly damage object product part item surface texture material
fabric woven concrete steel brushed tile wall perforated sheet cardboard washer
gear wheel screw blister pack bottle biscuit circuit board assembly wood leather
carpet wire mesh terrazzo knit knitwear nut hexagon cable cap candle toothbrush
connector zipper pill
capsule grid hazelnut metal transistor
capsules cashew chewinggum fryum macaroni pcb pipe
bolt bearing spring plate tube ring chain plug socket switch battery chip lens
glass plastic rubber paper stone marble brick ceramic foam film foil tape cloth
cotton wool silk felt rope thread yarn lace net grass food cookie bread pasta
rice bean seed fruit apple orange can box bag jar cup lid label box brush comb
key lock coin button needle pin nail hook handle blade tool hammer drill valve
pump motor engine fan belt disc wafer panel screen display sensor cell coil
resistor capacitor diode phone toy block bar rod strip case cover frame door
`.trim().split(/\s+/);

/** CLIP's alphabet: one printable character for each byte. */
function byteAlphabet(): string[] {
  const bytes = Array.from({ length: 256 }, (_, byte) => byte);
  const printable = bytes.filter((b) =>
    (b > 32 && b < 127) || (b > 160 && b < 173) || b > 173
  );
  const rest = Array.from(
    { length: 256 - printable.length },
    (_, i) => 256 + i,
  );
  return [...printable, ...rest].map((code) => String.fromCodePoint(code));
}

type Merge = readonly [string, string];

/** Byte-pair encoding: the earliest merge first. */
function pieces(word: string, ranks: ReadonlyMap<string, number>): string[] {
  let parts = [...word.slice(0, -1), `${word.at(-1)}</w>`];
  while (true) {
    let best = -1;
    let rank = Infinity;
    for (let i = 0; i + 1 < parts.length; i++) {
      const found = ranks.get(`${parts[i]} ${parts[i + 1]}`) ?? Infinity;
      if (found < rank) [best, rank] = [i, found];
    }
    if (best < 0) return parts;
    const merged = parts[best]! + parts[best + 1]!;
    parts = [...parts.slice(0, best), merged, ...parts.slice(best + 2)];
  }
}

/**
 * Merges that make one token of each word. They follow the merges of earlier
 * words, so they never break those.
 */
function wordMerges(words: readonly string[]): Merge[] {
  const ranks = new Map<string, number>();
  const merges: Merge[] = [];
  for (const word of words) {
    let parts = pieces(word, ranks);
    while (parts.length > 1) {
      const merge = [parts[0]!, parts[1]!] as const;
      ranks.set(merge.join(" "), merges.length);
      merges.push(merge);
      parts = pieces(word, ranks);
    }
  }
  return merges;
}

/** The two files of a CLIP vocabulary. */
export interface Vocabulary {
  /** Token -> id; the end-of-text token has the largest. */
  readonly vocab: Readonly<Record<string, number>>;
  /** The lines of merges.txt. */
  readonly merges: readonly string[];
}

/** Builds the vocabulary: bytes, bytes that end a word, merges, start, end. */
export function buildVocabulary(): Vocabulary {
  const alphabet = byteAlphabet();
  const merges = wordMerges(WORDS);
  const tokens = new Set([
    ...alphabet,
    ...alphabet.map((letter) => `${letter}</w>`),
    ...merges.map((merge) => merge.join("")),
    "<|startoftext|>",
    "<|endoftext|>",
  ]);
  return {
    vocab: Object.fromEntries([...tokens].map((token, id) => [token, id])),
    merges: ["#version: 0.2", ...merges.map((merge) => merge.join(" "))],
  };
}
