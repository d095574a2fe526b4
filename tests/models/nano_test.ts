import assert from "node:assert/strict";
import { openTokenizer } from "../../lib/clip/tokenizer.ts";
import { openModelDirectory } from "../../lib/methods/model_directory.ts";
import { readRecipe } from "../../lib/pretraining/recipe.ts";
import { buildVocabulary, WORDS } from "../../models/nano/vocabulary.ts";

const MODELS = `${import.meta.dirname}/../../models`;
const NANO = `${MODELS}/nano`;

interface RegistryFile {
  size: number;
  sha256: string;
}

async function registryFiles(): Promise<[string, RegistryFile][]> {
  const text = await Deno.readTextFile(`${MODELS}/registry.json`);
  return Object.entries(JSON.parse(text).nano.files);
}

async function sha256(path: string): Promise<string> {
  const bytes = await Deno.readFile(path);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

Deno.test("openModelDirectory() opens nano, which has at most 8 MB", async () => {
  const { weights, architecture } = await openModelDirectory(NANO);
  assert.equal(architecture.imageSize, 112);
  assert.equal(architecture.clip.text.maxPositionEmbeddings, 12);
  let bytes = 0;
  for (const { dtype, byteLength } of weights.values()) {
    assert.equal(dtype, "F16");
    bytes += byteLength;
  }
  assert.equal(bytes, 2 * 817_945);
});

Deno.test("registry.json tells size and SHA-256 of nano's files", async () => {
  const files = await registryFiles();
  assert.equal(files.length, 7);
  for (const [name, { size, sha256: expected }] of files) {
    assert.equal((await Deno.stat(`${NANO}/${name}`)).size, size, name);
    assert.equal(await sha256(`${NANO}/${name}`), expected, name);
  }
});

Deno.test("nano's training log has every stage of its recipe, to the last step", async () => {
  const { stages } = await readRecipe(`${NANO}/recipe.json`);
  const text = await Deno.readTextFile(`${NANO}/training_log.jsonl`);
  const last = new Map<string, number>();
  for (const line of text.trim().split("\n")) {
    const { stage, step, loss } = JSON.parse(line);
    assert(Number.isFinite(loss));
    last.set(stage, step);
  }
  assert.deepEqual(
    [...last],
    stages.map(({ name, steps }) => [name, steps]),
  );
});

Deno.test("buildVocabulary() makes the vocabulary of nano", async () => {
  const { vocab, merges } = buildVocabulary();
  const read = (name: string) => Deno.readTextFile(`${NANO}/clip/${name}`);
  assert.equal(await read("vocab.json"), JSON.stringify(vocab));
  assert.equal(await read("merges.txt"), `${merges.join("\n")}\n`);
});

Deno.test("nano's vocabulary has one token for each of its words", async () => {
  const tokenizer = await openTokenizer(`${NANO}/clip`);
  for (const word of WORDS) {
    assert.equal(tokenizer.encode(word).length, 3, word);
  }
});

Deno.test("nano's vocabulary reads every letter of any text", async () => {
  const tokenizer = await openTokenizer(`${NANO}/clip`);
  const letters = Array.from(
    { length: 0x2000 },
    (_, i) => String.fromCodePoint(33 + i),
  ).filter((letter) => /[^\s\u0085]/.test(letter));
  for (const letter of [...letters, "金", "🙂", "\u{10ffff}"]) {
    const ids = tokenizer.encode(letter).slice(1, -1);
    const name = JSON.stringify(letter);
    assert(ids.length > 0 && !ids.includes(tokenizer.endOfText), name);
  }
});
