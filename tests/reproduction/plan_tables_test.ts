import assert from "node:assert/strict";
import {
  DEFAULT_CONFIG,
  mfpClipConfigToJson,
} from "../../lib/methods/mfp_clip/config.ts";
import {
  PAPER_TABLES,
  trainingSetFor,
} from "../../lib/reproduction/paper_tables.ts";
import { planTables } from "../../lib/reproduction/plan_tables.ts";
import { METHOD_NAMES } from "../../lib/methods/methods.ts";
import { NO_RIVALS } from "./_outcomes.ts";

const SOURCE = {
  nameOf: (train: string) => train,
  refusal: () => undefined,
};

const ALL = {
  tables: [1, 2, 3, 4],
  seeds: [0],
  source: SOURCE,
  rivals: NO_RIVALS,
};

function namesOf(plan: ReturnType<typeof planTables>): string[] {
  return plan.runs.map(({ name }) => name);
}

Deno.test("planTables() shares the runs of equal choices between tables", () => {
  const plan = planTables(DEFAULT_CONFIG, ALL);
  assert.deepEqual(namesOf(plan), [
    "visa-full-seed-0",
    "mvtec-full-seed-0",
    "visa-no-mp-seed-0",
    "visa-mpfa-1-seed-0",
    "visa-no-sp-seed-0",
    "visa-no-i2tp-seed-0",
    "visa-mpfa-5-seed-0",
    "visa-sp-stages-2-seed-0",
    "visa-sp-stages-3-seed-0",
    "visa-sp-stages-4-seed-0",
  ]);
  const references = plan.tables.flatMap(({ rows }) =>
    rows.filter(({ paper }) => paper.reference).map(({ runs }) => runs[0]!.name)
  );
  assert.deepEqual(references, Array(3).fill("visa-full-seed-0"));
  const [full, , noMp] = plan.runs;
  assert.deepEqual(
    full!.training!.choices,
    mfpClipConfigToJson(DEFAULT_CONFIG),
  );
  assert.deepEqual(
    noMp!.training!.choices,
    mfpClipConfigToJson({ ...DEFAULT_CONFIG, mp: false }),
  );
});

Deno.test("planTables() runs every line once per seed", () => {
  const plan = planTables(DEFAULT_CONFIG, {
    ...ALL,
    tables: [3],
    seeds: [4, 5, 6],
  });
  assert.equal(plan.runs.length, 9);
  const [row] = plan.tables[0]!.rows;
  assert.deepEqual(row!.runs.map(({ seed }) => seed), [4, 5, 6]);
});

Deno.test("planTables() says why a line is not run", () => {
  const config = { ...DEFAULT_CONFIG, taps: [1, 2, 3] };
  const plan = planTables(config, {
    ...ALL,
    source: {
      ...SOURCE,
      refusal: (train) => train === "mvtec" ? "not in this test" : undefined,
    },
  });
  const notes = plan.tables.map(({ rows }) =>
    rows.map(({ runs, note }) => [runs.length, note])
  );
  const others = [0, "its method was not chosen"];
  assert.deepEqual(notes[0], [
    ...Array(4).fill(others),
    [1, notes[1]![0]![1]],
    ...Array(4).fill(others),
    [0, "not in this test"],
  ]);
  const [one, two, , four] = notes[3]!;
  assert.deepEqual([one![0], two![0], four![0]], [1, 1, 0]);
  assert.match(`${one![1]}`, /has one block, so that SP .* inserts nothing$/);
  assert.equal(two![1], null);
  assert.match(`${four![1]}`, /sp_stages must be at most the 3 taps/);
});

/** Table 1 with every method. */
function comparison(areTrained: boolean, epochs?: number) {
  const rivals = { methods: METHOD_NAMES, areTrained, epochs };
  const plan = planTables(DEFAULT_CONFIG, {
    ...ALL,
    tables: [1],
    seeds: [3, 4],
    rivals,
  });
  return plan.runs.filter(({ model }) => model !== null);
}

Deno.test("planTables() tests published heads on the set that they were not trained on", () => {
  const runs = comparison(false);
  assert.deepEqual(runs.map(({ name, model }) => [name, model]), [
    ["winclip-on-mvtec", "winclip"],
    ["april-gan-on-mvtec", "april-gan-visa"],
    ["anomaly-clip-on-mvtec", "anomaly-clip-visa"],
    ["ada-clip-on-mvtec", "ada-clip-visa"],
    ["winclip-on-visa", "winclip"],
    ["april-gan-on-visa", "april-gan"],
    ["anomaly-clip-on-visa", "anomaly-clip"],
    ["ada-clip-on-visa", "ada-clip"],
  ]);
  assert(
    runs.every(({ training, seed }) => training === null && seed === null),
  );
});

Deno.test("planTables() trains heads of others as their authors did, once per seed", () => {
  const runs = comparison(true);
  assert.equal(runs.length, 2 * (1 + 3 * 2));
  const first = runs.filter(({ seed }) => seed !== 4);
  assert.deepEqual(
    first.map(({ name, training }) => [
      name,
      training?.epochs,
      training?.mosaic,
    ]),
    [
      ["winclip-on-mvtec", undefined, undefined],
      ["april-gan-on-mvtec-trained-seed-3", 15, 0],
      ["anomaly-clip-on-mvtec-trained-seed-3", "published", 0],
      ["ada-clip-on-mvtec-trained-seed-3", "published", 0],
      ["winclip-on-visa", undefined, undefined],
      ["april-gan-on-visa-trained-seed-3", "published", 0.2],
      ["anomaly-clip-on-visa-trained-seed-3", "published", 0],
      ["ada-clip-on-visa-trained-seed-3", "published", 0.2],
    ],
  );
  const [, shorter] = comparison(true, 2);
  assert.equal(shorter!.name, "april-gan-on-mvtec-trained-epochs-2-seed-3");
  assert.equal(shorter!.training!.epochs, 2);
});

Deno.test("PAPER_TABLES holds what the paper says of itself in prose", () => {
  const cell = (number: number, label: string) => {
    const rows = PAPER_TABLES.find((table) => table.number === number)!.rows;
    return rows.find((row) => row.label === label)!;
  };
  const gain = (
    [after, before]: readonly [string, string],
    figure: "i_auroc" | "p_auroc",
    number = 2,
  ) => {
    const [a, b] = [cell(number, after), cell(number, before)];
    return (Number(a[figure]) - Number(b[figure])).toFixed(1);
  };
  const [ours, anomaly, ada] = ["MFP-CLIP", "AnomalyCLIP", "AdaCLIP"]
    .map((method) => `MVTec AD: ${method}`) as [string, string, string];
  assert.equal(gain([ours, anomaly], "i_auroc", 1), "0.7");
  assert.equal(gain([ours, ada], "i_auroc", 1), "3.0");
  assert.equal(gain([ours, anomaly], "p_auroc", 1), "1.0");
  assert.equal(cell(1, "VisA: MFP-CLIP").i_auroc, "87.9");
  assert.equal(cell(1, "VisA: MFP-CLIP").p_auroc, "96.0");
  const parts = [["I2TP", "1.9", "1.8"], ["SP", "2.0", "2.1"], [
    "MPFA",
    "0.7",
    "1.0",
  ]] as const;
  for (const [part, image, pixel] of parts) {
    const pair = ["all components", `without ${part}`] as const;
    assert.deepEqual([gain(pair, "i_auroc"), gain(pair, "p_auroc")], [
      image,
      pixel,
    ]);
  }
  assert.equal(cell(2, "without MP").p_auroc, "90.8");
});

Deno.test("PAPER_TABLES names another source for every line", () => {
  const rows = PAPER_TABLES.flatMap(({ number, rows }) =>
    rows.map((row) => ({ ...row, number }))
  );
  assert.equal(rows.length, 10 + 5 + 3 + 4);
  assert.equal(new Set(rows.map(({ source }) => source)).size, rows.length);
  for (const { source, number, i_auroc, p_auroc } of rows) {
    assert(source.startsWith(`Table ${number}, row`));
    const printed = number === 4 ? /^\d\d\.\d\d$/ : /^\d\d\.\d$/;
    assert.match(i_auroc, printed);
    assert.match(p_auroc, printed);
  }
  assert.equal(trainingSetFor("mvtec"), "visa");
  assert.equal(trainingSetFor("visa"), "mvtec");
});
