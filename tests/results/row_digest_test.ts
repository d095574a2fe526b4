import assert from "node:assert/strict";
import { RowDigest, totalVerdicts } from "../../lib/results/row_digest.ts";
import { rowOf } from "../report/sample_report.ts";

Deno.test("RowDigest groups scores by category and label and leaves errors out", () => {
  const { categories } = RowDigest.of([
    rowOf("bottle/a.png", 2),
    rowOf("bottle/b.png", -1),
    rowOf("cable/a.png", 3, { label: null }),
    rowOf("cable/b.png", 0, { score_logit: null, error: "unreadable" }),
  ]);
  const groups = Array.from(categories, ([name, { scores }]) => {
    const { good, defective, unlabelled } = scores;
    return [name, {
      good: [...good],
      defective: [...defective],
      unlabelled: [...unlabelled],
    }];
  });
  assert.deepEqual(groups, [
    ["bottle", { good: [-1], defective: [2], unlabelled: [] }],
    ["cable", { good: [], defective: [], unlabelled: [3] }],
  ]);
});

Deno.test("RowDigest counts verdicts, and leaves out what has none", () => {
  const rows = [
    { label: 1, is_anomalous: true },
    { label: 1, is_anomalous: false },
    { label: 0, is_anomalous: true },
    { label: 0, is_anomalous: false },
    { label: 0, is_anomalous: false },
    { label: null, is_anomalous: true },
    { label: 1, is_anomalous: null },
    { label: 1 },
  ] as const;
  const digest = RowDigest.of(
    rows.map((row, i) => rowOf(`nut/${i}.png`, i, row)),
  );
  assert.deepEqual(totalVerdicts(digest), { anomalous: 3, judged: 6 });
  assert.deepEqual(digest.categories.get("nut")?.confusion, {
    true_positives: 1,
    false_positives: 1,
    true_negatives: 2,
    false_negatives: 1,
  });
});

Deno.test("RowDigest keeps the highest scores and the first errors alone", () => {
  const rows = Array.from({ length: 9000 }, (_, i) => {
    const key = `nut/${String(i).padStart(4, "0")}.png`;
    const score = (i * 7919) % 9000;
    return i % 10 === 3
      ? rowOf(key, 0, { score: null, score_logit: null, error: "unreadable" })
      : rowOf(key, score);
  });
  const digest = RowDigest.of(rows);
  assert.deepEqual([digest.images, digest.errors], [9000, 900]);
  const failed = rows.filter(({ error }) => error !== null);
  assert.deepEqual(digest.failed, failed.slice(0, 200));
  const order = rows.toSorted((a, b) =>
    (b.score_logit ?? -Infinity) - (a.score_logit ?? -Infinity)
  );
  assert.deepEqual(digest.highest, order.slice(0, 2000));
});
