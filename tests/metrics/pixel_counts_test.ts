import assert from "node:assert/strict";
import { LEFT_OUT } from "../../lib/metrics/left_out.ts";
import { PixelGroups } from "../../lib/metrics/pixel_groups.ts";
import { PixelCounts } from "../../lib/metrics/pixel_counts.ts";
import { decodeBins } from "../../lib/metrics/pixel_bins.ts";
import {
  assertClose,
  goldenCounts,
  goldenMaps,
  PIXEL_GOLDENS,
  pixelGolden,
} from "./goldens.ts";
import { randomNumbers, syntheticMap } from "./synthetic_maps.ts";

function allFigures(counts: PixelCounts) {
  return {
    auroc: counts.auroc(),
    averagePrecision: counts.averagePrecision(),
    f1Max: counts.f1Max(),
    aupro: counts.aupro(),
    aupro200: counts.aupro200(),
    rocCurve: counts.rocCurve(),
  };
}

for (const golden of PIXEL_GOLDENS) {
  Deno.test(`PixelCounts equals scikit-learn on pixels: ${golden.name}`, () => {
    const counts = goldenCounts(golden);
    const { auroc, averagePrecision, f1Max } = golden;
    assertClose(counts.auroc().value, auroc, 1e-12);
    assertClose(counts.averagePrecision().value, averagePrecision, 1e-12);
    assertClose(counts.f1Max().value, f1Max, 1e-12);
  });

  Deno.test(`PixelCounts.aupro() equals sorting all pixels: ${golden.name}`, () => {
    const counts = goldenCounts(golden);
    const { auproTo5Percent, auproTo100Percent } = golden;
    assertClose(counts.aupro().value, golden.aupro, 1e-9);
    assertClose(counts.aupro({ fprLimit: 0.05 }).value, auproTo5Percent, 1e-9);
    assertClose(counts.aupro({ fprLimit: 1 }).value, auproTo100Percent, 1e-9);
  });

  Deno.test(`PixelCounts.aupro200() equals the field's code: ${golden.name}`, () => {
    const figure = goldenCounts(golden).aupro200();
    if (golden.aupro200 === null) {
      assert.match(figure.absent ?? "", /^fewer than two of the thresholds/);
    } else assertClose(figure.value, golden.aupro200, 1e-9);
  });
}

Deno.test("PixelCounts is bit-identical whatever the order and the split", () => {
  const maps = Array.from({ length: 12 }, (_, i) => syntheticMap(i, 60));
  const whole = new PixelCounts();
  for (const { logits, mask } of maps) whole.add(logits, mask);
  const random = randomNumbers(11);
  for (let round = 0; round < 5; round++) {
    const parts = Array.from({ length: 1 + round }, () => new PixelCounts());
    for (const i of maps.keys().toArray().sort(() => random() - 0.5)) {
      const { logits, mask } = maps[i]!;
      parts[Math.floor(random() * parts.length)]!.add(logits, mask);
    }
    const merged = new PixelCounts();
    for (const part of parts.reverse()) {
      const sent = random() < 0.5;
      merged.merge(sent ? PixelCounts.fromBytes(part.toBytes()) : part);
    }
    assert.deepEqual(merged.toBytes(), whole.toBytes());
    assert.deepEqual(allFigures(merged), allFigures(whole));
  }
});

Deno.test("PixelCounts.add() rounds float32 to the nearest float16, ties to even", () => {
  const half = 2 ** -11;
  const counts = new PixelCounts();
  counts.add(
    Float32Array.of(1 + half, 1 + 3 * half, 1 + 1.01 * half, -1e9),
    null,
  );
  const rounded = new PixelCounts();
  rounded.add(
    Float16Array.of(1, 1 + 4 * half, 1 + 2 * half, -Infinity),
    null,
  );
  assert.deepEqual(counts.toBytes(), rounded.toBytes());
});

Deno.test("PixelCounts.add() takes a view into a larger buffer", () => {
  const values = Float16Array.of(9, 9, 1, 2, 3, 4, 9);
  const counts = new PixelCounts();
  counts.add(values.subarray(2, 6), null);
  const expected = new PixelCounts();
  expected.add(Float32Array.of(1, 2, 3, 4), null);
  assert.deepEqual(counts.toBytes(), expected.toBytes());
});

Deno.test("PixelCounts.add() takes images of different sizes", () => {
  const mask = { width: 1, height: 2, data: Uint8Array.of(1, 0) };
  const counts = new PixelCounts();
  counts.add(Float32Array.of(1, -1), mask);
  counts.add(Float32Array.of(-2, -2, -2), null);
  counts.add(Float32Array.of(3, 0), mask);
  assert.deepEqual(counts.auroc(), { value: 1 });
});

Deno.test("PixelCounts.add() counts a mask without a defect as good", () => {
  const empty = { width: 2, height: 1, data: new Uint8Array(2) };
  const counts = new PixelCounts();
  counts.add(Float32Array.of(1, 2), empty);
  const good = new PixelCounts();
  good.add(Float32Array.of(1, 2), null);
  assert.deepEqual(counts.toBytes(), good.toBytes());
});

Deno.test("PixelCounts.auroc() of negated maps is the complement", () => {
  for (const golden of PIXEL_GOLDENS) {
    const negated = new PixelCounts();
    for (const { logits, mask } of goldenMaps(golden)) {
      negated.add(logits.map((logit) => -logit), mask);
    }
    assertClose(negated.auroc().value, 1 - golden.auroc, 1e-12);
  }
});

Deno.test("PixelCounts.merge() with itself changes no figure", () => {
  const golden = pixelGolden("several regions");
  const counts = goldenCounts(golden);
  counts.merge(counts);
  const twice = goldenCounts(golden);
  twice.merge(goldenCounts(golden));
  assert.deepEqual(counts.toBytes(), twice.toBytes());
  assertClose(counts.auroc().value, golden.auroc, 1e-12);
  assertClose(counts.aupro().value, golden.aupro, 1e-9);
});

Deno.test("PixelCounts sums region weights exactly past 2^53", () => {
  const width = 400;
  const row = Uint8Array.from({ length: width }, (_, x) => Number(x % 4 < 3));
  const data = new Uint8Array(width * width);
  for (let y = 0; y < width; y += 2) data.set(row, y * width);
  const counts = new PixelCounts();
  const logits = new Float32Array(width * width).fill(1);
  counts.add(logits, { width, height: width, data });
  counts.merge(counts);
  const { high, low } = decodeBins(counts.toBytes()).weights;
  const one = 0x3c00;
  const regions = 2n * 100n * 200n;
  const weight = BigInt(Math.round(2 ** 40 / 3));
  assert.equal(
    (BigInt(high[one]!) << 32n) + BigInt(low[one]!),
    regions * 3n * weight,
  );
});

Deno.test("PixelCounts needs less than 64 MiB for 50 million pixels", () => {
  const maps = [syntheticMap(1, 518), syntheticMap(2, 518)];
  const counts = new PixelCounts();
  const before = Deno.memoryUsage();
  let most = 0;
  for (let i = 0; i < 186; i++) {
    const { logits, mask } = maps[i % 2]!;
    counts.add(logits, mask);
    const { heapTotal, external } = Deno.memoryUsage();
    most = Math.max(most, heapTotal + external);
  }
  assert.ok(counts.aupro().value! > 0.5);
  const mebibytes = (most - before.heapTotal - before.external) / 2 ** 20;
  assert.ok(mebibytes < 64, `${mebibytes} MiB`);
});

Deno.test("PixelCounts says what is missing", () => {
  const good = new PixelCounts();
  good.add(Float32Array.of(1, 2), null);
  const defective = new PixelCounts();
  defective.add(Float32Array.of(1, 2), {
    width: 1,
    height: 2,
    data: Uint8Array.of(1, 1),
  });
  const cases: [PixelCounts, string][] = [
    [new PixelCounts(), "no mask with a defect"],
    [good, "no mask with a defect"],
    [defective, "no good pixel"],
  ];
  for (const [counts, absent] of cases) {
    const figure = { value: null, absent };
    assert.deepEqual(allFigures(counts), {
      auroc: figure,
      averagePrecision: figure,
      f1Max: figure,
      aupro: figure,
      aupro200: figure,
      rocCurve: null,
    });
  }
});

Deno.test("PixelCounts.add() adds nothing of a map that holds NaN", () => {
  const counts = goldenCounts(pixelGolden("a single region"));
  const before = counts.toBytes();
  const mask = { width: 2, height: 1, data: Uint8Array.of(1, 0) };
  for (const logits of [Float32Array.of(1, NaN), Float16Array.of(NaN, 1)]) {
    assert.throws(
      () => counts.add(logits, mask),
      new RangeError(
        "Cannot count pixels as the logit map must hold numbers only: " +
          "current value is NaN",
      ),
    );
  }
  assert.deepEqual(counts.toBytes(), before);
});

Deno.test("PixelCounts.add() throws when map and mask differ in size", () => {
  assert.throws(
    () =>
      new PixelCounts().add(new Float32Array(6), {
        width: 2,
        height: 2,
        data: new Uint8Array(4),
      }),
    new TypeError(
      "Cannot count pixels as the mask must have as many as the logit map, " +
        "6: current value is 4",
    ),
  );
});

Deno.test("PixelCounts.fromBytes() refuses image scores and cut bytes", () => {
  assert.throws(
    () => PixelCounts.fromBytes(new TextEncoder().encode("MFPI\x01\0\0")),
    new RangeError(
      'Cannot read pixel counts as the bytes must start with "MFPP": ' +
        'current value is "MFPI"',
    ),
  );
  const bytes = goldenCounts(pixelGolden("saturated")).toBytes();
  assert.throws(
    () => PixelCounts.fromBytes(bytes.subarray(0, 40)),
    /must hold a whole record: current value is one cut off after 40 bytes$/,
  );
});

Deno.test("PixelCounts and PixelGroups leave pixels out that do not count", () => {
  const { logits, mask } = syntheticMap(3, 40);
  const size = logits.length;
  // The same rows once more below, none of which counts.
  const longer = Float16Array.from(
    { length: 2 * size },
    (_, i) => i < size ? logits[i]! : LEFT_OUT,
  );
  const below = mask && {
    ...mask,
    height: 2 * mask.height,
    data: Uint8Array.from({ length: 2 * size }, (_, i) => mask.data[i] ?? 0),
  };
  const [one, two] = [new PixelCounts(), new PixelCounts()];
  one.add(new Float16Array(logits), mask);
  two.add(longer, below);
  assert.deepEqual(two.toBytes(), one.toBytes());
  const [first, second] = [new PixelGroups(), new PixelGroups()];
  first.add("a", new Float16Array(logits), mask);
  second.add("a", longer, below);
  assert.deepEqual(second.toBytes(), first.toBytes());
});
