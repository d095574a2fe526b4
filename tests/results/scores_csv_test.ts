import assert from "node:assert/strict";
import { parse } from "csv-parse/sync";
import { encodeScoresCsv } from "../../lib/results/scores_csv.ts";
import type { ScoreRow } from "../../lib/results/summary.ts";

const ROW: ScoreRow = {
  key: "a.png",
  category: "object",
  label: null,
  score: 0.75,
  score_logit: 1.0986,
  width: 4,
  height: 3,
  milliseconds: 1,
  error: null,
  is_anomalous: true,
  threshold: 0.5,
  confidence: 0.97,
};

function decode(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}

function records(rows: readonly ScoreRow[]): Record<string, string>[] {
  return parse(decode(encodeScoresCsv(rows)), { columns: true });
}

Deno.test("encodeScoresCsv() gives one verdict a line, ordered by key", () => {
  const good = { ...ROW, key: "B.png", is_anomalous: false, label: 1 } as const;
  const failed = { ...ROW, key: "c", score: null, error: "no image" };
  assert.deepEqual(
    records([ROW, good, failed]).map(({ key, verdict, label, error }) => [
      key,
      verdict,
      label,
      error,
    ]),
    [
      ["B.png", "good", "bad", ""],
      ["a.png", "bad", "", ""],
      ["c", "error", "", "no image"],
    ],
  );
});

Deno.test("encodeScoresCsv() keeps any text whole, as RFC 4180 has it", () => {
  const key = 'a "b", c\n;d.png';
  const [record] = records([{ ...ROW, key }]);
  assert.equal(record!.key, key);
  assert.ok(decode(encodeScoresCsv([ROW])).endsWith("\r\n"));
});

Deno.test("encodeScoresCsv() gives spreadsheets no formula", () => {
  for (const key of ["=1+1", "+a", "-a", "@a"]) {
    assert.equal(records([{ ...ROW, key }])[0]!.key, `'${key}`);
  }
});

Deno.test("encodeScoresCsv() writes decimal commas between semicolons", () => {
  const [head, line] = decode(encodeScoresCsv([ROW], ";")).split("\r\n");
  assert.equal(head!.slice(0, 5), "\uFEFFkey;");
  assert.equal(line, "a.png;object;bad;0,750000;1,0986;0,5000;0,9700;;;");
});
