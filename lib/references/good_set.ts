/**
 * The good images that a user gives, by category.
 *
 * @module
 */
import { type Item, layoutError } from "../data/layouts/layout.ts";
import { toSample } from "../data/lazy_sample.ts";
import {
  type ListingOptions,
  listSource,
  type SourceListing,
} from "../data/listing.ts";
import { DataSetError, type Sample } from "../data/sample.ts";
import type { Source } from "../data/source.ts";
import type { DecodeOptions } from "../image/decode.ts";

/** Good images of each category, listed but not yet read. */
export interface GoodSet {
  /** Where they lie. */
  readonly location: string;
  /** The folder of the source that keys start from; empty for its own root. */
  readonly root: string;
  /** Category -> its images, ordered by key (code units). */
  readonly categories: ReadonlyMap<string, readonly Sample[]>;
}

/** Options of {@linkcode listGoodImages}. */
export interface GoodSetOptions extends DecodeOptions {
  /** Category of images that lie in no folder. */
  readonly object: string;
  /** Takes only so many images of each category, the first ones by key. */
  readonly shots?: number | undefined;
  /**
   * Takes images of `train` only, as those of `test` will be scored.
   *
   * @default {false}
   */
  readonly trainOnly?: boolean;
}

/** `train` where there is such a part, else what is labelled otherwise. */
async function listGood(
  source: Source,
  options: ListingOptions,
  trainOnly: boolean,
): Promise<SourceListing> {
  try {
    return await listSource(source, { ...options, split: "train" });
  } catch (error) {
    if (trainOnly || !(error instanceof DataSetError)) throw error;
    return await listSource(source, { ...options, split: "test" });
  }
}

/**
 * Lists good images: those of `train` in the layout of a data set, else those
 * that are labelled good, else all of plain folders, one for each category.
 * Defective images are never taken.
 *
 * @throws {DataSetError} If there are none, or a list is broken.
 */
export async function listGoodImages(
  source: Source,
  { object, shots = Infinity, trainOnly = false, ...decode }: GoodSetOptions,
): Promise<GoodSet> {
  const { root, items } = await listGood(source, { object }, trainOnly);
  // Plain folders have no `train`: there, all images would be taken.
  const good = items.filter(({ label }) =>
    label === 0 || label === null && !trainOnly
  );
  if (good.length === 0) {
    const [must, value] = trainOnly
      ? ["it must have good images in train/good", "none"] as const
      : ["it must hold good images", "defective ones only"] as const;
    throw layoutError(source.location, must, value);
  }
  const prefix = root === "" ? "" : `${root}/`;
  const groups = Map.groupBy(good, ({ category }) => category);
  const taken = [...groups].map(([category, some]) =>
    [category, some.slice(0, shots)] as const
  );
  const paths = taken.flatMap(([, some]) => some.map(({ key }) => key));
  await source.keep(new Set(paths.map((key) => prefix + key)));
  const sample = (item: Item) => {
    const image = () => source.read(prefix + item.key);
    return toSample({ ...item, masks: [] }, { image, mask: image }, decode);
  };
  return {
    location: source.location,
    root,
    categories: new Map(
      taken.map(([category, some]) => [category, some.map(sample)]),
    ),
  };
}

/** Which categories of a good set are used, and what to tell the user. */
export interface MatchedGoodSet {
  /** Category -> its good images. */
  readonly categories: ReadonlyMap<string, readonly Sample[]>;
  /** One clause for each thing the user should know. */
  readonly warnings: readonly string[];
}

/** Good images of a category below which the user is told that they are few. */
const FEW_IMAGES = 4;

function fewWarning(category: string, { length }: readonly Sample[]): string {
  const images = length === 1
    ? "is one good image"
    : `are ${length} good images`;
  return `there ${images} of "${category}": about ten are needed to tell what ` +
    `is usual`;
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(", ");
}

/**
 * Finds the good images of the categories that will be scored. Good images
 * without a folder are of the only category.
 *
 * @param good The good images.
 * @param categories The categories that will be scored.
 * @param object The category that good images without a folder were listed as.
 * @throws {DataSetError} If no category has good images.
 */
export function matchGoodSet(
  good: Pick<GoodSet, "location" | "categories">,
  categories: readonly string[],
  object: string,
): MatchedGoodSet {
  const there = [...good.categories.keys()];
  const [only] = there;
  const isDirect = there.length === 1 && only === object;
  const named = isDirect && categories.length === 1
    ? new Map([[categories[0]!, good.categories.get(object)!]])
    : good.categories;
  const matched = categories.filter((name) => named.has(name));
  if (matched.length === 0) {
    throw new DataSetError(
      `Cannot use the good images at ${good.location} as their folders must ` +
        `have the names of categories, ${quoted(categories)}: ` +
        (isDirect ? "they lie in no folder" : `there are ${quoted(there)}`),
    );
  }
  const used = new Map(matched.map((name) => [name, named.get(name)!]));
  const foreign = [...named.keys()].filter((name) => !used.has(name));
  const without = categories.filter((name) => !used.has(name));
  const names = quoted(without);
  return {
    categories: used,
    warnings: [
      ...foreign.length === 0 ? [] : [
        `good images of ${quoted(foreign)} are not used, as no image to be ` +
        `scored is of that category`,
      ],
      ...without.length === 0 ? [] : [
        `there are no good images of ${names}, so it stays zero-shot`,
      ],
      ...[...used].filter(([, images]) => images.length < FEW_IMAGES)
        .map(([name, images]) => fewWarning(name, images)),
    ],
  };
}
