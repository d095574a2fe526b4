/**
 * The synthetic set as a data set and as files, in MVTec AD layout.
 *
 * @module
 */
import { encodeMaskPng, encodePng } from "../image/encode.ts";
import { type DataSet, DataSetError, type Sample } from "../data/sample.ts";
import { SYNTHETIC_CATEGORIES } from "./catalog.ts";
import {
  assertWhole,
  defectOf,
  renderSample,
  type SyntheticSample,
} from "./render_sample.ts";

/** Which part of the synthetic set, and how large. */
export interface SyntheticOptions {
  /** Whole number; another seed gives other products and other images. */
  readonly seed: number;
  /** Images of each category, of which every second one is defective. */
  readonly count: number;
  /** Pixels per row and rows, at least 32. */
  readonly side: number;
  /** The auxiliary half, for training, or the test half. */
  readonly split: "aux" | "test";
  /** Categories to take; all of the half where none are given. */
  readonly categories?: readonly string[];
  /** Takes only this many samples, the first ones by key. */
  readonly limit?: number;
}

/** A file of a written data set. */
export interface SyntheticFile {
  /** Path below the data root with `/`. */
  readonly path: string;
  /** A PNG. */
  readonly bytes: Uint8Array;
}

/** Renderings kept, so that an image and its mask are rendered once. */
const KEPT = 4;

/** Keeps what was rendered last. */
class Renderings {
  readonly #options: SyntheticOptions;
  readonly #kept: Map<string, SyntheticSample> = new Map();

  constructor(options: SyntheticOptions) {
    this.#options = options;
  }

  render({ category, index }: Item): SyntheticSample {
    const { seed, side } = this.#options;
    const name = `${category}/${index}`;
    const rendered = this.#kept.get(name) ??
      renderSample({ category, index, seed, side });
    this.#kept.set(name, rendered);
    if (this.#kept.size > KEPT) {
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
  readonly defect: string | null;
}

/** The images of one category; numbers start from 0 in every folder. */
function itemsOf(category: string, { count, seed }: SyntheticOptions): Item[] {
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
      defect,
    };
  });
}

function categoriesOf({ split, categories }: SyntheticOptions): string[] {
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
  const { key, category, defect } = item;
  return {
    key,
    category,
    label: defect === null ? 0 : 1,
    defect,
    image: () => Promise.resolve(renderings.render(item).image),
    mask: defect === null
      ? null
      : () => Promise.resolve(renderings.render(item).mask),
  };
}

/**
 * The synthetic set, rendered image by image when asked.
 *
 * @param options Which part, and how large.
 * @returns The data set; samples come in key order.
 * @throws {DataSetError} If a category is not in that half.
 * @throws {RangeError} If a number is not one that its description allows.
 */
export function syntheticDataSet(options: SyntheticOptions): DataSet {
  const { seed, count, side, limit = Infinity } = options;
  assertWhole("seed", seed, { least: 0 });
  assertWhole("count", count, { least: 1 });
  assertWhole("side", side, { least: 32 });
  const wanted = categoriesOf(options);
  const items = wanted.flatMap((category) => itemsOf(category, options))
    .sort((a, b) => a.key < b.key ? -1 : 1)
    .slice(0, limit);
  const taken = new Set(items.map(({ category }) => category));
  const renderings = new Renderings(options);
  return {
    name: `synthetic (${options.split}, seed ${seed})`,
    categories: wanted.filter((name) => taken.has(name)),
    size: items.length,
    async *samples() {
      for (const item of items) yield toSample(item, renderings);
    },
  };
}

/**
 * The files of the synthetic set in MVTec AD layout: images below
 * `<category>/test/`, masks below `<category>/ground_truth/`.
 *
 * @param options Which part, and how large.
 * @returns The files, each mask after its image.
 * @throws {DataSetError} If a category is not in that half.
 * @throws {RangeError} If a number is not one that its description allows.
 */
export async function* syntheticFiles(
  options: SyntheticOptions,
): AsyncGenerator<SyntheticFile> {
  for await (const sample of syntheticDataSet(options).samples()) {
    yield { path: sample.key, bytes: await encodePng(await sample.image()) };
    if (sample.mask === null) continue;
    const path = sample.key.replace("/test/", "/ground_truth/")
      .replace(/\.png$/, "_mask.png");
    yield { path, bytes: await encodeMaskPng(await sample.mask()) };
  }
}
