import assert from "node:assert/strict";
import { openSafetensors } from "../../lib/checkpoint/safetensors.ts";
import { openTokenizer } from "../../lib/clip/tokenizer.ts";
import { mfpClipSentences } from "../../lib/methods/mfp_clip/architecture.ts";
import { promptIds, promptOptions } from "../../lib/methods/prompts.ts";
import { parsePrompts, readPrompts } from "../../lib/methods/sentences.ts";
import { temporaryFolder } from "../checkpoint/temporary.ts";
import { goldenExpected, GOLDENS } from "../golden/mfp_clip/golden.ts";

const BACKBONES = `${import.meta.dirname}/../golden/mfp_clip/backbones`;
const tokenizer = await openTokenizer(`${BACKBONES}/quick_gelu/clip`);

const RULES = {
  sentences: mfpClipSentences,
  perState: [1, 1],
  longestEndOfText: null,
} as const;

async function expectedIds(path: string): Promise<bigint[]> {
  const { offset, byteLength } = (await openSafetensors(path)).tensors
    .get("ids")!;
  const bytes = (await Deno.readFile(path)).slice(offset, offset + byteLength);
  return [...new BigInt64Array(bytes.buffer)];
}

Deno.test("promptIds() equals the specification", async () => {
  for (const golden of GOLDENS) {
    const own = await openTokenizer(`${BACKBONES}/${golden.backbone}/clip`);
    for (const category of golden.categories) {
      const expected = await expectedIds(goldenExpected(golden, category));
      const contextLength = expected.length / 2;
      const { ids } = promptIds(own, category, {
        contextLength,
        rules: RULES,
      });
      assert.deepEqual([...ids], expected, golden.name);
    }
  }
});

Deno.test("promptIds() gives the words and where they end", () => {
  const result = promptIds(tokenizer, "metal_nut", {
    contextLength: 40,
    rules: RULES,
  });
  assert.deepEqual(result.sentences, {
    normal: ["A photo of a normal metal nut"],
    abnormal: ["A photo of a abnormal metal nut"],
  });
  const { ids, endOfText, warnings } = result;
  assert.equal(ids[endOfText[0]!], 599n);
  assert.equal(ids[40 + endOfText[1]!], 599n);
  assert.deepEqual(warnings, []);
});

Deno.test("promptIds() cuts long prompts, keeps the end of text and warns", () => {
  const { ids, endOfText, warnings } = promptIds(tokenizer, "nut", {
    contextLength: 8,
    rules: RULES,
  });
  assert.deepEqual([...ids.subarray(0, 8)].map(Number), [
    ...tokenizer.encode("A photo of a normal nut").slice(0, 7),
    599,
  ]);
  assert.deepEqual(endOfText, [7, 7]);
  assert.deepEqual(warnings, [
    'the prompt "A photo of a normal nut" has 10 tokens and is cut to 8',
    'the prompt "A photo of a abnormal nut" has 10 tokens and is cut to 8',
  ]);
});

Deno.test("promptIds() warns of prompts longer than those of training", () => {
  const rules = { ...RULES, longestEndOfText: 9 };
  const options = { contextLength: 40, rules };
  assert.deepEqual(promptIds(tokenizer, "nut", options).warnings, []);
  assert.deepEqual(promptIds(tokenizer, "nuts", options).warnings, [
    'the prompt "A photo of a normal nuts" has 11 tokens, but the model was ' +
    "trained with at most 10",
    'the prompt "A photo of a abnormal nuts" has 11 tokens, but the model ' +
    "was trained with at most 10",
  ]);
});

Deno.test("promptIds() uses names and sentences of a prompts file", async () => {
  await using folder = await temporaryFolder();
  const path = await folder.write(
    "prompts.json",
    JSON.stringify({
      pcb1: "circuit_board",
      nut: { normal: ["a good nut"], abnormal: "a bent_nut" },
    }),
  );
  const prompts = await readPrompts(path);
  const options = { contextLength: 40, rules: RULES, prompts };
  const sentences = (category: string) =>
    promptIds(tokenizer, category, options).sentences;
  assert.deepEqual(sentences("pcb1").abnormal, [
    "A photo of a abnormal circuit board",
  ]);
  assert.deepEqual(sentences("nut"), {
    normal: ["a good nut"],
    abnormal: ["a bent_nut"],
  });
  assert.deepEqual(sentences("pcb2").normal, ["A photo of a normal pcb2"]);
});

Deno.test("promptIds() refuses two states that read alike", () => {
  const same = { normal: ["A  nut"], abnormal: ["a NUT"] };
  const prompts = new Map([["nut", same]]);
  const options = { contextLength: 40, rules: RULES, prompts };
  assert.throws(
    () => promptIds(tokenizer, "nut", options),
    {
      name: "ModelError",
      message: 'Cannot use the prompts of "nut" as both states have the same ' +
        "6 tokens",
    },
  );
  const short = { contextLength: 5, rules: RULES };
  assert.throws(() => promptIds(tokenizer, "nut", short), {
    name: "ModelError",
    message: 'Cannot use the prompts of "nut" as both states have the same ' +
      "5 tokens",
  });
});

Deno.test("promptIds() reads several sentences where the method does", () => {
  const several = {
    normal: ["a nut", "the nut"],
    abnormal: ["a bent nut"],
  };
  const prompts = new Map([["nut", several]]);
  const rules = { ...RULES, perState: null };
  const options = { contextLength: 12, prompts };
  const { ids, perState, endOfText } = promptIds(tokenizer, "nut", {
    ...options,
    rules,
  });
  assert.deepEqual(perState, [2, 1]);
  const texts = [...several.normal, ...several.abnormal];
  assert.deepEqual(
    endOfText,
    texts.map((text) => tokenizer.encode(text).length - 1),
  );
  for (const [i, text] of texts.entries()) {
    const row: bigint[] = [...ids.subarray(i * 12, i * 12 + endOfText[i]! + 1)];
    assert.deepEqual(row.map(Number), tokenizer.encode(text));
  }
});

Deno.test("promptOptions() refuses more sentences than the method reads", () => {
  const text = { maxPositionEmbeddings: 12 };
  const model = { clip: { text }, prompts: RULES } as const;
  const several = { normal: ["a nut", "the nut"], abnormal: ["a bent nut"] };
  assert.throws(() => promptOptions(model, new Map([["nut", several]])), {
    name: "ModelError",
    message: 'Cannot use the prompts of "nut" as the model reads 1 + 1 ' +
      "sentences, normal + abnormal: current numbers are 2 + 1",
  });
});

Deno.test("parsePrompts() refuses what is neither name nor sentences of both states", () => {
  for (
    const value of [
      7,
      "",
      null,
      { normal: "a nut" },
      { normal: ["a nut", ""], abnormal: "a bent nut" },
      { normal: [], abnormal: "a nut" },
      ["a nut"],
    ]
  ) {
    assert.throws(() => parsePrompts({ nut: value }, "p.json"), {
      name: "ModelError",
      message: 'Cannot load p.json as "nut" must be a name or an object with ' +
        "sentences for normal and abnormal: current value is " +
        JSON.stringify(value),
    });
  }
});
