import assert from "node:assert/strict";
import { openSafetensors } from "../../lib/checkpoint/safetensors.ts";
import { openTokenizer } from "../../lib/clip/tokenizer.ts";
import {
  parsePrompts,
  promptIds,
  readPrompts,
} from "../../lib/methods/prompts.ts";
import { temporaryFolder } from "../checkpoint/temporary.ts";
import { goldenExpected, GOLDENS } from "../golden/mfp_clip/golden.ts";

const BACKBONES = `${import.meta.dirname}/../golden/mfp_clip/backbones`;
const tokenizer = await openTokenizer(`${BACKBONES}/quick_gelu/clip`);

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
      const { ids } = promptIds(own, category, { contextLength });
      assert.deepEqual([...ids], expected, golden.name);
    }
  }
});

Deno.test("promptIds() gives the words and where they end", () => {
  const result = promptIds(tokenizer, "metal_nut", { contextLength: 40 });
  assert.deepEqual(result.sentences, {
    normal: "A photo of a normal metal nut",
    abnormal: "A photo of a abnormal metal nut",
  });
  const { ids, endOfText, warnings } = result;
  assert.equal(ids[endOfText[0]], 599n);
  assert.equal(ids[40 + endOfText[1]], 599n);
  assert.deepEqual(warnings, []);
});

Deno.test("promptIds() cuts long prompts, keeps the end of text and warns", () => {
  const { ids, endOfText, warnings } = promptIds(tokenizer, "nut", {
    contextLength: 8,
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
  const options = { contextLength: 40, longestEndOfText: 9 };
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
  const options = { contextLength: 40, prompts: await readPrompts(path) };
  const sentences = (category: string) =>
    promptIds(tokenizer, category, options).sentences;
  assert.equal(
    sentences("pcb1").abnormal,
    "A photo of a abnormal circuit board",
  );
  assert.deepEqual(sentences("nut"), {
    normal: "a good nut",
    abnormal: "a bent_nut",
  });
  assert.equal(sentences("pcb2").normal, "A photo of a normal pcb2");
});

Deno.test("promptIds() refuses two states that read alike", () => {
  const same = new Map([["nut", { normal: "A  nut", abnormal: "a NUT" }]]);
  assert.throws(
    () => promptIds(tokenizer, "nut", { contextLength: 40, prompts: same }),
    {
      name: "ModelError",
      message: 'Cannot use the prompts of "nut" as both states have the same ' +
        "6 tokens",
    },
  );
  assert.throws(() => promptIds(tokenizer, "nut", { contextLength: 5 }), {
    name: "ModelError",
    message: 'Cannot use the prompts of "nut" as both states have the same ' +
      "5 tokens",
  });
});

Deno.test("parsePrompts() refuses what is neither name nor one sentence per state", () => {
  const two = ["a nut", "the nut"];
  for (
    const value of [
      7,
      "",
      null,
      { normal: "a nut" },
      { normal: two, abnormal: two },
      { normal: [], abnormal: "a nut" },
      ["a nut"],
    ]
  ) {
    assert.throws(() => parsePrompts({ nut: value }, "p.json"), {
      name: "ModelError",
      message: 'Cannot load p.json as "nut" must be a name or an object with ' +
        "one sentence each for normal and abnormal: current value is " +
        JSON.stringify(value),
    });
  }
});
