/**
 * The synthetic set as a data set and as files, in MVTec AD layout.
 *
 * @module
 */
import { encodeMaskPng, encodePng } from "../image/encode.ts";
import { type DataSet, DataSetError, type Sample } from "../data/sample.ts";
import { type SubsetOptions, takeSubset } from "../data/subset.ts";
import { SYNTHETIC_CATEGORIES } from "./catalog.ts";
import {
  assertWhole,
  defectOf,
  renderSample,
  type SyntheticSample,
} from "./render_sample.ts";

/** Options of {@linkcode syntheticDataSet} and {@linkcode syntheticFiles}. */
export interface SyntheticOptions extends Omit<SubsetOptions, "seed"> {
  /**
   * Whole number; another seed gives other products and other images.
   *
   * @default {0}
   */
  readonly seed?: number;
  /**
   * Images of each category; every second one is defective.
   *
   * @default {20}
   */
  readonly count?: number;
  /**
   * Width and height of the images in pixels, at least 32.
   *
   * @default {256}
   */
  readonly side?: number;
  /**
   * The auxiliary half, for training, or the test half.
   *
   * @default {"test"}
   */
  readonly split?: "aux" | "test";
  /**
   * Names of categories of that half.
   *
   * @default {all of them}
   */
  readonly categories?: readonly string[];
}

/** What decides on drawings has a value; the rest takes some of them. */
type Choices =
  & SyntheticOptions
  & Required<Pick<SyntheticOptions, "seed" | "count" | "side" | "split">>;

/** A file of a written data set. */
export interface SyntheticFile {
  /** Path below the data root with `/`. */
  readonly path: string;
  /** A PNG. */
  readonly bytes: Uint8Array;
}

/**
 * Bytes of renderings in the cache: an image is drawn once for the model, for
 * its mask and for the report. That reads it after the network, when seven
 * others were drawn in `deno task eval`, and more where batches are large.
 */
const KEPT_BYTES = 32 << 20;

/** Draws samples, and caches the last ones. */
class Renderings {
  readonly #options: Choices;
  readonly #most: number;
  readonly #kept: Map<string, SyntheticSample> = new Map();

  constructor(options: Choices) {
    this.#options = options;
    const bytes = 4 * options.side ** 2; // three colours and the mask
    this.#most = Math.max(4, Math.floor(KEPT_BYTES / bytes));
  }

  render({ category, index }: Item): SyntheticSample {
    const { seed, side } = this.#options;
    const name = `${category}/${index}`;
    const rendered = this.#kept.get(name) ??
      renderSample({ category, index, seed, side });
    this.#kept.set(name, rendered);
    if (this.#kept.size > this.#most) {
      const [oldest] = this.#kept.keys();
      this.#kept.delete(oldest!);
    }
    return rendered;
  }
}

interface Item {
  readonly key: string;
  readonly category: string;
  readonly index: number;
  readonly label: 0 | 1;
  readonly defect: string | null;
}

/** The images of one category; numbers start from 0 in every folder. */
function itemsOf(category: string, { count, seed }: Choices): Item[] {
  const digits = Math.max(3, String(count - 1).length);
  const used = new Map<string, number>();
  return Array.from({ length: count }, (_, index) => {
    const defect = defectOf({ category, index, seed });
    const folder = defect ?? "good";
    const number = used.get(folder) ?? 0;
    used.set(folder, number + 1);
    const file = `${String(number).padStart(digits, "0")}.png`;
    return {
      key: `${category}/test/${folder}/${file}`,
      category,
      index,
      label: defect === null ? 0 : 1,
      defect,
    };
  });
}

function categoriesOf({ split, categories }: Choices): string[] {
  const known = SYNTHETIC_CATEGORIES
    .filter((category) => category.split === split)
    .map(({ name }) => name);
  const unknown = categories?.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new DataSetError(
      `Cannot take the ${split} half of the synthetic set as its categories must be among ${
        known.join(", ")
      }: current value is ${unknown}`,
    );
  }
  return [...new Set(categories ?? known)].sort();
}

function toSample(item: Item, renderings: Renderings): Sample {
  const { key, category, label, defect } = item;
  return {
    key,
    category,
    label,
    defect,
    image: () => Promise.resolve(renderings.render(item).image),
    mask: defect === null
      ? null
      : () => Promise.resolve(renderings.render(item).mask),
  };
}

/**
 * The synthetic set. Each image is drawn when it is read.
 *
 * @returns The data set; its samples are ordered by key.
 * @throws {DataSetError} If a category is not in that half.
 * @throws {RangeError} If seed, count or side is out of range.
 *
 * @example Usage
 * ```ts
 * import { syntheticDataSet } from "@mfp-clip/mfp-clip/synthetic";
 *
 * const { size } = syntheticDataSet({ count: 2, categories: ["nut"] });
 * console.log(size); // 2
 * ```
 */
export function syntheticDataSet(options: SyntheticOptions = {}): DataSet {
  const choices: Choices = {
    seed: 0,
    count: 20,
    side: 256,
    split: "test",
    ...options,
  };
  const { seed, count, side, split } = choices;
  assertWhole("seed", seed, { least: 0 });
  assertWhole("count", count, { least: 1 });
  assertWhole("side", side, { least: 32 });
  const wanted = categoriesOf(choices);
  const all = wanted.flatMap((category) => itemsOf(category, choices))
    .sort((a, b) => a.key < b.key ? -1 : 1);
  const items = takeSubset(all, choices);
  const taken = new Set(items.map(({ category }) => category));
  const renderings = new Renderings(choices);
  return {
    name: `synthetic (${split}, seed ${seed})`,
    categories: wanted.filter((name) => taken.has(name)),
    size: items.length,
    async *samples() {
      for (const item of items) yield toSample(item, renderings);
    },
  };
}

/**
 * The synthetic set as PNG files in MVTec AD layout: images in
 * `<category>/test/`, masks in `<category>/ground_truth/`.
 *
 * @returns The files; a mask follows its image.
 * @throws {DataSetError} If a category is not in that half.
 * @throws {RangeError} If seed, count or side is out of range.
 */
export async function* syntheticFiles(
  options: SyntheticOptions = {},
): AsyncGenerator<SyntheticFile> {
  for await (const sample of syntheticDataSet(options).samples()) {
    yield { path: sample.key, bytes: await encodePng(await sample.image()) };
    if (sample.mask === null) continue;
    const path = sample.key.replace("/test/", "/ground_truth/")
      .replace(/\.png$/, "_mask.png");
    yield { path, bytes: await encodeMaskPng(await sample.mask()) };
  }
}
