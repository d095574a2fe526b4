import assert from "node:assert/strict";
import { DataSetError } from "../../lib/data/sample.ts";
import {
  evaluate,
  type EvaluatedImage,
} from "../../lib/evaluation/evaluate.ts";
import {
  cornerMask,
  fakeDataSet,
  type FakeSample,
  RedDetector,
  SIDE,
  SizedDetector,
} from "./_fakes.ts";

const SAMPLES: readonly FakeSample[] = [
  { key: "a/bad/0", label: 1, red: 200, mask: cornerMask() },
  { key: "a/bad/1", label: 1, red: 120, mask: cornerMask() },
  { key: "a/good/0", red: 10 },
  { key: "a/good/1", red: 150 },
  { key: "b/bad/0", label: 1, red: 90, mask: cornerMask() },
  { key: "b/good/0", red: 20 },
];

Deno.test("evaluate() gives rows by key and figures by category", async () => {
  const { rows, categories, curves } = await evaluate(
    new RedDetector(),
    fakeDataSet(SAMPLES.toReversed()),
  );
  assert.deepEqual(rows.map(({ key }) => key), SAMPLES.map(({ key }) => key));
  assert.deepEqual(rows[2], {
    key: "a/good/0",
    category: "a",
    label: 0,
    score: Math.fround(10.5 / 256),
    score_logit: rows[2]?.score_logit,
    width: SIDE,
    height: SIDE,
    milliseconds: 1,
    error: null,
  });
  assert.equal(categories.a?.images, 4);
  assert.equal(categories.a?.i_auroc, 0.75);
  assert.equal(categories.b?.i_auroc, 1);
  assert.equal(categories.b?.p_auroc, 1);
  assert.deepEqual(categories.b?.absent, {});
  assert.deepEqual([...curves.b?.image?.fpr ?? []].at(-1), 1);
});

Deno.test("evaluate() finds the same in any order, and in whatever batches of one size", async () => {
  const detector = new SizedDetector();
  const broken = { key: "a/bad/2", label: 1, broken: true } as const;
  const samples = [...SAMPLES, broken];
  const found = await evaluate(detector, fakeDataSet(samples), {
    batchSize: 4,
  });
  for (const others of [samples.toReversed(), [broken, ...SAMPLES]]) {
    const dataSet = fakeDataSet(others, ["a", "b"]);
    assert.deepEqual(
      await evaluate(detector, dataSet, { batchSize: 4 }),
      found,
    );
  }
  const alone = fakeDataSet(SAMPLES.slice(0, 1));
  const { rows } = await evaluate(detector, alone, { batchSize: 4 });
  assert.deepEqual(rows, found.rows.slice(0, 1));
});

Deno.test("evaluate() mixes categories, and fills the last batch up", async () => {
  const detector = new RedDetector();
  const broken = { key: "a/bad/2", label: 1, broken: true } as const;
  const dataSet = fakeDataSet([broken, ...SAMPLES]);
  await evaluate(detector, dataSet, { batchSize: 4 });
  assert.deepEqual(
    detector.calls.map((inputs) => inputs.map(({ category }) => category)),
    [["a", "a", "a", "a"], ["b", "b", "b", "b"]],
  );
});

Deno.test("evaluate() makes a row of an image that cannot be read", async () => {
  const small = { width: 2, height: 1, data: Uint8Array.of(0, 1) };
  const { rows, categories } = await evaluate(
    new RedDetector(),
    fakeDataSet([
      ...SAMPLES,
      { key: "a/bad/2", label: 1, broken: true },
      { key: "a/bad/3", label: 1, mask: small },
      { key: "a/../../x" },
    ]),
  );
  assert.deepEqual(
    rows.filter(({ error }) => error !== null).map((row) => row.error),
    [
      `Cannot write a result as its key must be a path below the data root: current value is "a/../../x"`,
      "Cannot decode a truncated PNG",
    ],
  );
  assert.equal(rows.length, 9);
  assert.equal(categories.a?.images, 7);
  assert.equal(categories.a?.errors, 2);
  assert.deepEqual(categories.a?.mask_notes, { other_size: 1 });
});

for (const map of ["logitMap", "anomalyMap"] as const) {
  Deno.test(`evaluate() makes a row of a ${map} with NaN`, async () => {
    const detector = new RedDetector();
    const { detect } = detector;
    detector.detect = async (inputs) => {
      const found = await detect.call(detector, inputs);
      if (detector.calls.length === 2) found[0]![map][5] = NaN;
      return found;
    };
    const { rows, categories } = await evaluate(detector, fakeDataSet(SAMPLES));
    assert.equal(
      rows[1]?.error,
      "Cannot score the image as the model's map holds NaN",
    );
    assert.deepEqual([rows[1]?.width, rows[1]?.score], [SIDE, null]);
    assert.equal(categories.a?.errors, 1);
  });
}

Deno.test("evaluate() gives a reason for each figure it lacks", async () => {
  const { categories } = await evaluate(
    new RedDetector(),
    fakeDataSet([
      { key: "broken/0", broken: true },
      { key: "good/0", red: 3 },
      { key: "maskless/0", label: 1, red: 90 },
      { key: "maskless/1" },
      { key: "plain/0", label: null },
    ], ["broken", "empty", "good", "maskless", "plain"]),
  );
  assert.equal(categories.good?.i_auroc, null);
  assert.equal(categories.good?.absent.i_auroc, "no defective image");
  assert.equal(categories.good?.absent.p_auroc, "no mask with a defect");
  assert.equal(categories.maskless?.i_auroc, 1);
  assert.equal(categories.maskless?.p_auroc, null);
  assert.equal(categories.maskless?.masks_missing, 1);
  assert.equal(categories.plain?.absent.aupro, "no label");
  assert.equal(categories.empty?.absent.i_ap, "no image");
  assert.equal(categories.broken?.absent.i_ap, "no image that could be read");
});

Deno.test("evaluate() counts masks that vanish on resizing", async () => {
  const mask = { ...cornerMask(), data: new Uint8Array(SIDE * SIDE) };
  const lost = { key: "a/bad/9", label: 1, red: 250, mask } as const;
  const dataSet = fakeDataSet([...SAMPLES, lost]);
  const { categories } = await evaluate(new RedDetector(), dataSet);
  assert.equal(categories.a?.masks_lost, 1);
  assert.equal(categories.a?.masks_missing, 0);
});

Deno.test("evaluate() reports a long row of broken images before a batch is full", async () => {
  const gate = Promise.withResolvers<void>();
  const broken = Array.from(
    { length: 40 },
    (_, i) => ({ key: `a/${i}`, broken: true }),
  );
  const dataSet = {
    ...fakeDataSet(broken),
    async *samples() {
      yield* fakeDataSet(broken).samples();
      await gate.promise;
    },
  };
  let images = 0;
  const { rows } = await evaluate(new RedDetector(), dataSet, {
    batchSize: 2,
    onImage() {
      if (++images === 1) gate.resolve();
    },
  });
  assert.equal(rows.length, 40);
});

Deno.test("evaluate() hands over the maps of every image", async () => {
  const seen: EvaluatedImage[] = [];
  let images = 0;
  const broken = { key: "a/bad/2", label: 1, broken: true } as const;
  await evaluate(new RedDetector(), fakeDataSet([...SAMPLES, broken]), {
    batchSize: 3,
    onScored(found) {
      seen.push(found);
      return Promise.resolve();
    },
    onImage: () => images++,
  });
  assert.deepEqual(
    seen.map(({ row }) => row.key).sort(),
    SAMPLES.map(({ key }) => key),
  );
  assert.equal(seen[0]?.detection.anomalyMap.length, SIDE * SIDE);
  assert.equal(seen[0]?.image.map.width, SIDE);
  assert.equal(images, SAMPLES.length + 1);
});

Deno.test("evaluate() stops where maps cannot be written", async () => {
  const onScored = () => Promise.reject(new Error("disk full"));
  await assert.rejects(
    evaluate(new RedDetector(), fakeDataSet(SAMPLES), { onScored }),
    /^Error: disk full$/,
  );
});

Deno.test("evaluate() stops where the data set fails", async () => {
  const dataSet = {
    ...fakeDataSet(SAMPLES),
    async *samples() {
      yield* fakeDataSet(SAMPLES).samples();
      throw await Promise.resolve(new DataSetError("The archive is cut off"));
    },
  };
  await assert.rejects(evaluate(new RedDetector(), dataSet), DataSetError);
});

Deno.test("evaluate() stops when told to, though the session is busy", async () => {
  const detector = new RedDetector();
  const started = Promise.withResolvers<void>();
  detector.detect = () => {
    started.resolve();
    return new Promise(() => {});
  };
  const controller = new AbortController();
  const { signal } = controller;
  const result = evaluate(detector, fakeDataSet(SAMPLES), { signal });
  await started.promise;
  controller.abort(new Error("told to"));
  await assert.rejects(result, /^Error: told to$/);
});

Deno.test("evaluate() keeps decoding while the session is busy", async () => {
  const gate = Promise.withResolvers<void>();
  const asked: string[] = [];
  const detector = new RedDetector();
  const { detect } = detector;
  detector.detect = async (inputs) => {
    await gate.promise;
    return await detect.call(detector, inputs);
  };
  const many = Array.from({ length: 20 }, (_, i) => ({ key: `a/good/${i}` }));
  const plain = fakeDataSet(many);
  const full = Promise.withResolvers<void>();
  const dataSet = {
    ...plain,
    async *samples() {
      for await (const sample of plain.samples()) {
        asked.push(sample.key);
        if (asked.length === 6) full.resolve();
        yield sample;
      }
    },
  };
  const result = evaluate(detector, dataSet, { batchSize: 2 });
  await full.promise;
  assert.equal(detector.calls.length, 0);
  gate.resolve();
  assert.equal((await result).rows.length, 20);
});
