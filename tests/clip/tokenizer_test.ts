import assert from "node:assert/strict";
import { ClipTokenizer, openTokenizer } from "../../lib/clip/tokenizer.ts";
import { temporaryFolder } from "../checkpoint/temporary.ts";

const GOLDEN = `${import.meta.dirname}/../golden`;
const BACKBONES = `${GOLDEN}/mfp_clip/backbones`;
/** Not kept in the project; see the README of its folder. */
const REAL_VOCABULARY = `${GOLDEN}/clip/bpe_simple_vocab_16e6.txt.gz`;

interface Tokens {
  text: string;
  small: number[];
  real: number[];
}

async function goldenTokens(): Promise<Tokens[]> {
  return JSON.parse(await Deno.readTextFile(`${GOLDEN}/clip/tokens.json`));
}

function isThere(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** CLIP's alphabet: one printable character for each byte. */
function byteAlphabet(): string[] {
  const bytes = Array.from({ length: 256 }, (_, byte) => byte);
  const printable = bytes.filter((b) =>
    (b > 32 && b < 127) || (b > 160 && b < 173) || b > 173
  );
  const others = Array.from(
    { length: 256 - printable.length },
    (_, i) => 256 + i,
  );
  return [...printable, ...others].map((code) => String.fromCodePoint(code));
}

async function realTokenizer(): Promise<ClipTokenizer> {
  await using folder = await temporaryFolder();
  const { body } = new Response((await Deno.open(REAL_VOCABULARY)).readable);
  const unzipped = body!.pipeThrough(new DecompressionStream("gzip"));
  const lines = (await new Response(unzipped).text()).split("\n");
  const merges = lines.slice(1, 49152 - 256 - 2 + 1);
  const alphabet = byteAlphabet();
  const tokens = [
    ...alphabet,
    ...alphabet.map((letter) => `${letter}</w>`),
    ...merges.map((merge) => merge.replace(" ", "")),
    "<|startoftext|>",
    "<|endoftext|>",
  ];
  const vocab = Object.fromEntries(tokens.map((token, id) => [token, id]));
  await folder.write("vocab.json", JSON.stringify(vocab));
  await folder.write("merges.txt", `#version: 0.2\n${merges.join("\n")}\n`);
  return await openTokenizer(folder.path);
}

Deno.test("ClipTokenizer.encode() equals transformers on a small vocabulary", async () => {
  const fromJson = await openTokenizer(`${BACKBONES}/quick_gelu/clip`);
  const fromVocabulary = await openTokenizer(`${BACKBONES}/gelu/clip`);
  for (const { text, small } of await goldenTokens()) {
    assert.deepEqual(fromJson.encode(text), small, JSON.stringify(text));
    assert.deepEqual(fromVocabulary.encode(text), small, JSON.stringify(text));
  }
  assert.equal(fromJson.endOfText, 599);
});

Deno.test({
  name: "ClipTokenizer.encode() equals transformers on CLIP's own vocabulary " +
    "(needs tests/golden/clip/bpe_simple_vocab_16e6.txt.gz)",
  ignore: !isThere(REAL_VOCABULARY),
  async fn() {
    const tokenizer = await realTokenizer();
    for (const { text, real } of await goldenTokens()) {
      assert.deepEqual(tokenizer.encode(text), real, JSON.stringify(text));
    }
    assert.equal(tokenizer.endOfText, 49407);
  },
});

Deno.test("openTokenizer() says when a file cannot be looked up", async () => {
  const tooLong = `/${"a".repeat(300)}`;
  await assert.rejects(openTokenizer(tooLong), {
    name: "ModelError",
    message: /^Cannot load .*\/tokenizer\.json as it cannot be read: /,
  });
});

Deno.test("openTokenizer() says what a folder lacks", async () => {
  await using folder = await temporaryFolder();
  await assert.rejects(openTokenizer(folder.path), {
    name: "ModelError",
    message: `Cannot load ${folder.path} as it must hold tokenizer.json, or ` +
      "vocab.json and merges.txt",
  });
  const vocab = await folder.write("vocab.json", '{"<|startoftext|>": 0}');
  await assert.rejects(openTokenizer(folder.path), {
    name: "ModelError",
    message: `Cannot load ${vocab} as token <|endoftext|> is missing`,
  });
  await folder.write(
    "vocab.json",
    '{"<|startoftext|>": 0, "<|endoftext|>": 1}',
  );
  await assert.rejects(openTokenizer(folder.path), {
    name: "ModelError",
    message: `Cannot load ${folder.path}/merges.txt as there is no such file`,
  });
});

Deno.test("ClipTokenizer refuses an end-of-text token that is not the largest id", async () => {
  await using folder = await temporaryFolder();
  const vocab = { "<|startoftext|>": 1, "<|endoftext|>": 0, "a</w>": 2 };
  const path = await folder.write("vocab.json", JSON.stringify(vocab));
  await folder.write("merges.txt", "#version: 0.2\n");
  await assert.rejects(openTokenizer(folder.path), {
    name: "ModelError",
    message: `Cannot load ${path} as the end-of-text token must have the ` +
      "largest id, 2: current value is 0",
  });
});

Deno.test("ClipTokenizer refuses other tokenizers", async () => {
  assert.throws(() => new ClipTokenizer({}, "t.json"), {
    name: "ModelError",
    message: /^Cannot load t.json as it is no tokenizer: /,
  });
  const json = JSON.parse(
    await Deno.readTextFile(`${BACKBONES}/quick_gelu/clip/tokenizer.json`),
  );
  assert.throws(
    () => new ClipTokenizer({ ...json, post_processor: null }, "t.json"),
    {
      name: "ModelError",
      message:
        "Cannot load t.json as it does not put one token before and after " +
        "a text",
    },
  );
});

Deno.test("openTokenizer() refuses a vocabulary that is nested deeply", async () => {
  await using folder = await temporaryFolder();
  const deep = "[".repeat(100_000) + "]".repeat(100_000);
  const tokens = '"<|startoftext|>":0,"<|endoftext|>":1';
  await folder.write("vocab.json", `{"a":${deep},${tokens}}`);
  await folder.write("merges.txt", "#version: 0.2\n");
  await assert.rejects(openTokenizer(folder.path), {
    name: "ModelError",
    message: /vocab\.json as it is no tokenizer: it is nested too deeply$/,
  });
});
