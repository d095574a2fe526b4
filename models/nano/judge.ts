/**
 * Evaluates nano and two baselines on the test half of the synthetic set, and
 * prints the tables of the README as Markdown.
 *
 *     deno run -P=eval models/nano/judge.ts [MODEL]
 *
 * @module
 */
import type { DataSet, Sample } from "../../lib/data/sample.ts";
import { SYNTHETIC_CATEGORIES } from "../../lib/synthetic/catalog.ts";
import { syntheticDataSet } from "../../lib/synthetic/data_set.ts";
import { Detector } from "../../lib/detector/detector.ts";
import { evaluate } from "../../lib/evaluation/evaluate.ts";
import type { ImageDetector } from "../../lib/evaluation/image_detector.ts";
import {
  type CategorySummary,
  meanOf,
  METRIC_TITLES,
  type MetricName,
} from "../../lib/results/summary.ts";
import { measurementOf } from "../../lib/reproduction/measurement.ts";
import { BASELINES } from "./baselines.ts";
import { TEST_SEEDS } from "./test_seeds.ts";

const METRICS: readonly MetricName[] = ["i_auroc", "p_auroc", "aupro"];

/** Images of each category and seed, and their side: those of `eval`. */
const COUNT = 20;
const SIDE = 256;

type Categories = Readonly<Record<string, CategorySummary>>;

/** The test half, with every image drawn only once. */
async function drawTestSet(seed: number): Promise<DataSet> {
  const options = { seed, count: COUNT, side: SIDE, split: "test" } as const;
  const dataSet = syntheticDataSet(options);
  const drawn: Sample[] = [];
  for await (const sample of dataSet.samples()) {
    const image = await sample.image();
    const mask = await sample.mask?.();
    drawn.push({
      ...sample,
      image: () => Promise.resolve(image),
      mask: mask === undefined ? null : () => Promise.resolve(mask),
    });
  }
  return {
    ...dataSet,
    async *samples() {
      yield* drawn;
    },
  };
}

/** The metrics on each set. */
async function figuresOf(
  detector: ImageDetector,
  sets: readonly DataSet[],
): Promise<Categories[]> {
  const found: Categories[] = [];
  for (const set of sets) {
    const { categories } = await evaluate(detector, set, { batchSize: 4 });
    found.push(categories);
  }
  return found;
}

function only(categories: Categories, names: readonly string[]): Categories {
  return Object.fromEntries(
    names.map((name) => [name, categories[name]!]),
  );
}

/** Mean and standard deviation over the seeds. */
function cell(values: readonly number[]): string {
  const { mean, spread } = measurementOf(values)!;
  return `${(100 * mean).toFixed(1)} ± ${(100 * spread!).toFixed(1)}`;
}

function row(
  name: string,
  runs: readonly Categories[],
  names: readonly string[],
): string {
  const means = runs.map((run) => meanOf(only(run, names)).mean);
  const cells = METRICS.map((metric) =>
    cell(means.map((mean) => mean[metric] ?? NaN))
  );
  return `| ${[name, ...cells].join(" | ")} |`;
}

function namesOf(kind?: "texture" | "object"): string[] {
  return SYNTHETIC_CATEGORIES.filter((category) =>
    category.split === "test" && (kind ?? category.kind) === category.kind
  ).map(({ name }) => name);
}

/** The rows of a detector: all categories, textures, objects. */
function rows(name: string, runs: readonly Categories[]): string[] {
  return [
    row(`${name}, all`, runs, namesOf()),
    row(`${name}, textures`, runs, namesOf("texture")),
    row(`${name}, objects`, runs, namesOf("object")),
  ];
}

if (import.meta.main) {
  const [model = import.meta.dirname!] = Deno.args;
  const categories = namesOf();
  await using nano = await Detector.open(model, { categories });
  const header = ["", ...METRICS.map((metric) => METRIC_TITLES[metric])];
  console.log(`| ${header.join(" | ")} |`);
  console.log(`| --- |${" --: |".repeat(METRICS.length)}`);
  const sets: DataSet[] = [];
  for (const seed of TEST_SEEDS) sets.push(await drawTestSet(seed));
  const runs = await figuresOf(nano, sets);
  for (const line of rows("nano", runs)) console.log(line);
  for (const [name, baseline] of Object.entries(BASELINES)) {
    const found = await figuresOf(baseline, sets);
    for (const line of rows(name, found)) console.log(line);
  }
  console.log(`\n| ${["category", ...header.slice(1)].join(" | ")} |`);
  console.log(`| --- |${" --: |".repeat(METRICS.length)}`);
  for (const name of categories) console.log(row(name, runs, [name]));
}
