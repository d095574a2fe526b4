import assert from "node:assert/strict";
import {
  decodeErrors,
  decodePart,
  encodeErrors,
  encodePart,
  type Part,
} from "../../lib/batch/part.ts";
import { CategoryTally } from "../../lib/evaluation/category_tally.ts";
import { failedRow } from "../../lib/evaluation/rows.ts";
import {
  readNotes,
  readScores,
  writeScores,
} from "../../lib/results/scores_parquet.ts";

function part(category: string): Part {
  const tally = new CategoryTally();
  tally.addFailure();
  const sample = { key: "a.png", category, label: null };
  return {
    run: "f".repeat(64),
    shard: 3,
    start: 7,
    rows: [failedRow(sample, "Cannot decode a.png")],
    stages: { "a.png": "decode" },
    tallies: Object.fromEntries([[category, tally.state()]]),
    prompts: Object.fromEntries([[category, { normal: [], abnormal: ["b"] }]]),
    seconds: 1.5,
  };
}

Deno.test("decodePart() gives what was encoded, whatever a category is called", async () => {
  for (const category of ["bottle", "__proto__", "constructor"]) {
    const written = part(category);
    assert.deepEqual(await decodePart(written, encodePart(written)), written);
  }
});

Deno.test("decodePart() refuses notes of another shape", async () => {
  const written = part("bottle");
  const bytes = encodePart(written);
  const rows = await readScores(bytes);
  const [[name, note]] = Object.entries(readNotes(bytes)) as [[string, string]];
  const changes = [
    { stages: { "a.png": "guess" } },
    { seconds: "1.5" },
    { tallies: { bottle: { images: 1 } } },
    { tallies: [] },
    { prompts: { bottle: 5 } },
    { start: -1 },
  ];
  for (const change of changes) {
    const changed = JSON.stringify({ ...JSON.parse(note), ...change });
    await assert.rejects(
      decodePart(written, writeScores(rows, { [name]: changed })),
      {
        name: "DataSetError",
        message:
          /^Cannot read runs\/f+\/parts\/00003-000000007\.parquet as it /,
      },
    );
  }
});

Deno.test("decodeErrors() gives key and stage, and refuses other lines", () => {
  const bytes = encodeErrors(part("bottle"))!;
  assert.deepEqual(decodeErrors("errors.jsonl", bytes), [
    { key: "a.png", stage: "decode" },
  ]);
  for (const line of ["{", "null", '{"key":1,"stage":"read"}']) {
    assert.throws(
      () => decodeErrors("errors.jsonl", new TextEncoder().encode(line)),
      {
        name: "DataSetError",
        message:
          "Cannot read errors.jsonl as it must list images without a score: it is damaged",
      },
    );
  }
});

Deno.test("decodePart() takes no byte that was flipped with other content", async () => {
  const written = part("bottle");
  const bytes = encodePart(written);
  let refused = 0;
  for (let at = 0; at < bytes.length; at += 3) {
    const flipped = bytes.slice();
    flipped[at]! ^= 1 << (at % 8);
    const read = await decodePart(written, flipped).catch(() => refused++);
    if (typeof read !== "number") assert.deepEqual(read, written);
  }
  assert(refused > bytes.length / 3 - 10);
});

Deno.test("decodePart() reads parts without a checksum", async () => {
  const written = part("bottle");
  const bytes = encodePart(written);
  const { mfp_clip_part, ...others } = readNotes(bytes);
  assert.deepEqual(Object.keys(others), ["mfp_clip_part_sha256"]);
  const old = writeScores(await readScores(bytes), {
    mfp_clip_part: mfp_clip_part!,
  });
  assert.deepEqual(await decodePart(written, old), written);
});
