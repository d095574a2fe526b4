/**
 * Prints what nano reaches beside good images, as Markdown: on the test half of
 * the synthetic set, or on data sets with good and defective images.
 *
 *     deno run -P=eval models/nano/judge_good.ts [FOLDER ...]
 *
 * Of a folder, good images are drawn five times at random; all others are
 * scored.
 *
 * @module
 */
import { openDataSet } from "../../lib/data/open.ts";
import type { DataSet, Sample } from "../../lib/data/sample.ts";
import { Detector } from "../../lib/detector/detector.ts";
import { evaluate } from "../../lib/evaluation/evaluate.ts";
import { resizeMask } from "../../lib/image/mask.ts";
import { resizeBicubic } from "../../lib/image/resample.ts";
import { Random } from "../../lib/random.ts";
import { draw } from "../../lib/references/projection.ts";
import { type CategorySummary, meanOf } from "../../lib/results/summary.ts";
import { syntheticDataSet } from "../../lib/synthetic/data_set.ts";
import { syntheticGoodSamples } from "../../lib/synthetic/good_samples.ts";
import { TEST_SEEDS } from "./test_seeds.ts";

/** Numbers of good images of a folder. */
const SHOTS = [0, 1, 4, 10, 30];
const DRAWS = 5;
/** Good images that must be left to be scored. */
const LEAST_LEFT = 10;
/** Good images of each synthetic category. */
const SYNTHETIC_SHOTS = 10;

type Categories = Readonly<Record<string, CategorySummary>>;

/** The same sample, decoded once, at the model's side. */
async function atSide(sample: Sample, side: number): Promise<Sample> {
  const image = resizeBicubic(await sample.image(), side, side);
  const full = sample.label === 1 ? await sample.mask?.() : undefined;
  const data = full && resizeMask(full, side);
  const mask = data && { width: side, height: side, data };
  return {
    ...sample,
    image: () => Promise.resolve(image),
    mask: mask === undefined ? null : () => Promise.resolve(mask),
  };
}

async function samplesOf(set: DataSet, side: number): Promise<Sample[]> {
  const samples: Sample[] = [];
  for await (const sample of set.samples()) {
    samples.push(await atSide(sample, side));
  }
  return samples;
}

function asDataSet(name: string, samples: readonly Sample[]): DataSet {
  return {
    name,
    categories: [...new Set(samples.map(({ category }) => category))].sort(),
    size: samples.length,
    async *samples() {
      yield* samples;
    },
  };
}

async function learn(
  detector: Detector,
  good: ReadonlyMap<string, readonly Sample[]>,
): Promise<void> {
  for (const [category, samples] of good) {
    const images = await Promise.all(samples.map(({ image }) => image()));
    await detector.learn(category, images);
  }
}

function cell(values: readonly number[]): string {
  const mean = values.reduce((a, b) => a + b) / values.length;
  if (values.length === 1) return (100 * mean).toFixed(1);
  const squares = values.map((value) => (value - mean) ** 2);
  const sum = squares.reduce((a, b) => a + b);
  const deviation = Math.sqrt(sum / (values.length - 1));
  return `${(100 * mean).toFixed(1)} ± ${(100 * deviation).toFixed(1)}`;
}

function print(cells: readonly (string | number)[]): void {
  console.log(`| ${cells.join(" | ")} |`);
}

async function categoriesOf(
  detector: Detector,
  set: DataSet,
): Promise<Categories> {
  return (await evaluate(detector, set, { batchSize: 4 })).categories;
}

/** I-AUROC and P-AUROC of one draw of good images. */
async function judgeDraw(
  samples: readonly Sample[],
  { shots, seed }: { readonly shots: number; readonly seed: number },
): Promise<CategorySummary> {
  const good = samples.filter(({ label }) => label === 0);
  const random = new Random(`judge/${seed}`);
  const drawn = [...draw(random, good.length, shots)].map((i) => good[i]!);
  const left = samples.filter((sample) => !drawn.includes(sample));
  const { category } = samples[0]!;
  await using detector = await open([category]);
  if (shots > 0) await learn(detector, new Map([[category, drawn]]));
  const found = await categoriesOf(detector, asDataSet(category, left));
  return found[category]!;
}

function open(categories: readonly string[]): Promise<Detector> {
  return Detector.open(import.meta.dirname!, { categories, sessions: 0 });
}

async function judgeFolder(folder: string): Promise<void> {
  const side = 112;
  const samples = await samplesOf(await openDataSet(folder), side);
  const good = samples.filter(({ label }) => label === 0).length;
  const { category } = samples[0]!;
  for (const shots of SHOTS) {
    if (good - shots < LEAST_LEFT) continue;
    const draws = Array.from({ length: shots === 0 ? 1 : DRAWS }, (_, i) => i);
    const found: CategorySummary[] = [];
    for (const seed of draws) {
      found.push(await judgeDraw(samples, { shots, seed }));
    }
    const metrics = ["i_auroc", "p_auroc"] as const;
    const cells = metrics.map((name) => cell(found.map((one) => one[name]!)));
    print([category, shots, ...cells]);
  }
}

async function judgeSynthetic(): Promise<void> {
  const kinds = ["i_auroc", "p_auroc", "aupro"] as const;
  const means: Categories[] = [];
  for (const seed of TEST_SEEDS) {
    const options = { seed, count: 20, side: 256, split: "test" } as const;
    const drawn = syntheticDataSet(options);
    const { categories } = drawn;
    await using detector = await open(categories);
    const shots = SYNTHETIC_SHOTS;
    await learn(
      detector,
      syntheticGoodSamples(categories, { ...options, shots }),
    );
    means.push(await categoriesOf(detector, drawn));
    const { mean } = meanOf(means.at(-1)!);
    print([`seed ${seed}`, ...kinds.map((kind) => cell([mean[kind]!]))]);
  }
  const all = means.map((found) => meanOf(found).mean);
  print(["all", ...kinds.map((kind) => cell(all.map((mean) => mean[kind]!)))]);
  for (const name of Object.keys(means[0]!)) {
    const cells = kinds.map((kind) =>
      cell(means.map((found) => found[name]![kind]!))
    );
    print([name, ...cells]);
  }
}

if (import.meta.main) {
  if (Deno.args.length === 0) {
    print(["", "I-AUROC", "P-AUROC", "AUPRO"]);
    print(["---", "--:", "--:", "--:"]);
    await judgeSynthetic();
  } else {
    print(["product", "good images", "I-AUROC", "P-AUROC"]);
    print(["---", "--:", "--:", "--:"]);
    for (const folder of Deno.args) await judgeFolder(folder);
  }
}
