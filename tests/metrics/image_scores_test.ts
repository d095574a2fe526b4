import assert from "node:assert/strict";
import { ImageScores } from "../../lib/metrics/image_scores.ts";
import { assertClose, IMAGE_GOLDENS } from "./goldens.ts";
import { randomNumbers } from "./synthetic_maps.ts";

function collect(scores: number[], labels: number[]): ImageScores {
  const collected = new ImageScores();
  for (const [i, score] of scores.entries()) {
    collected.add(score, labels[i] === 1 ? 1 : 0);
  }
  return collected;
}

for (const golden of IMAGE_GOLDENS) {
  Deno.test(`ImageScores equals scikit-learn on scores: ${golden.name}`, () => {
    const scores = collect(golden.scores, golden.labels);
    assertClose(scores.auroc().value, golden.auroc, 1e-12);
    assertClose(
      scores.averagePrecision().value,
      golden.averagePrecision,
      1e-12,
    );
    assertClose(scores.f1Max().value, golden.f1Max, 1e-12);
  });
}

Deno.test("ImageScores is bit-identical whatever the order and the split", () => {
  const random = randomNumbers(5);
  for (const { scores, labels } of IMAGE_GOLDENS) {
    const whole = collect(scores, labels);
    const parts = Array.from({ length: 4 }, () => new ImageScores());
    for (let i = scores.length - 1; i >= 0; i--) {
      parts[Math.floor(4 * random())]!.add(scores[i]!, labels[i] === 1 ? 1 : 0);
    }
    const merged = ImageScores.fromBytes(parts[3]!.toBytes());
    for (const part of parts.slice(0, 3)) merged.merge(part);
    assert.deepEqual(merged.toBytes(), whole.toBytes());
    assert.deepEqual(merged.auroc(), whole.auroc());
    assert.deepEqual(merged.averagePrecision(), whole.averagePrecision());
    assert.deepEqual(merged.f1Max(), whole.f1Max());
    assert.deepEqual(merged.rocCurve(), whole.rocCurve());
  }
});

Deno.test("ImageScores.auroc() of negated scores is the complement", () => {
  for (const { scores, labels } of IMAGE_GOLDENS) {
    const negated = collect(scores.map((score) => -score), labels);
    const auroc = collect(scores, labels).auroc().value!;
    assertClose(negated.auroc().value, 1 - auroc, 1e-12);
  }
});

Deno.test("ImageScores ties -0 with 0 and ranks infinities", () => {
  assert.equal(collect([-0, 0], [1, 0]).auroc().value, 0.5);
  assert.equal(collect([Infinity, 9, -Infinity], [1, 0, 0]).auroc().value, 1);
  assert.deepEqual(
    collect([-0], [1]).toBytes(),
    collect([0], [1]).toBytes(),
  );
});

Deno.test("ImageScores.merge() with itself doubles every image", () => {
  const scores = collect([1, 2, 3], [0, 1, 0]);
  scores.merge(scores);
  assert.deepEqual(
    scores.toBytes(),
    collect([1, 2, 3, 1, 2, 3], [0, 1, 0, 0, 1, 0]).toBytes(),
  );
});

Deno.test("ImageScores says which images are missing", () => {
  const cases: [ImageScores, string][] = [
    [new ImageScores(), "no defective image"],
    [collect([1, 2], [0, 0]), "no defective image"],
    [collect([1, 2], [1, 1]), "no good image"],
  ];
  for (const [scores, absent] of cases) {
    const figure = { value: null, absent };
    assert.deepEqual(scores.auroc(), figure);
    assert.deepEqual(scores.averagePrecision(), figure);
    assert.deepEqual(scores.f1Max(), figure);
    assert.equal(scores.rocCurve(), null);
  }
});

Deno.test("ImageScores.add() throws on NaN", () => {
  assert.throws(
    () => new ImageScores().add(NaN, 1),
    new RangeError(
      "Cannot add an image score as it must be a number: " +
        "current value is NaN",
    ),
  );
});

Deno.test("ImageScores.fromBytes() refuses cut, longer and NaN bytes", () => {
  const bytes = collect([1, 2, 3], [0, 1, 0]).toBytes();
  assert.throws(
    () => ImageScores.fromBytes(bytes.subarray(0, 20)),
    /^RangeError: Cannot read image scores as .* cut off after 20 bytes$/,
  );
  assert.throws(
    () => ImageScores.fromBytes(new Uint8Array([...bytes, 0])),
    /must end with the record/,
  );
  const broken = bytes.slice();
  broken.fill(0xff, bytes.length - 8);
  assert.throws(
    () => ImageScores.fromBytes(broken),
    /must hold numbers: current value is NaN$/,
  );
});
