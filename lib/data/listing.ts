/**
 * The images of a source, filtered and counted.
 *
 * @module
 */
import {
  detectLayout,
  type DetectOptions,
  type RootedListing,
} from "./layouts/detect_layout.ts";
import { type Item, layoutError, type Split } from "./layouts/layout.ts";
import type { ImageCounts, Reading } from "./sample.ts";
import type { Source } from "./source.ts";
import { type SubsetOptions, takeSubset } from "./subset.ts";
import { unreadNotes } from "./unread.ts";

/** How folders are read, where they do not tell. */
export type ReadingOptions = Pick<
  DetectOptions,
  "layout" | "goodFolders" | "labelThreshold"
>;

/** Options of {@linkcode listSource}. */
export interface ListingOptions extends SubsetOptions, ReadingOptions {
  /** Categories to take; all where none are given. */
  readonly categories?: readonly string[];
  /**
   * Category of images that lie in no folder.
   *
   * @default {"object"}
   */
  readonly object?: string;
  /**
   * The part of a labelled data set to take.
   *
   * @default {"test"}
   */
  readonly split?: Split;
}

/** The images taken of a source, and how it was read. */
export interface SourceListing extends RootedListing {
  /** Counts and notes on what was taken. */
  readonly reading: Reading;
}

/** What must be known of an image to count it. */
type Countable = Pick<Item, "category" | "label" | "masks">;

function byKey(a: Item, b: Item): number {
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
}

function assertOnce(location: string, items: readonly Item[]): void {
  const again = items.find(({ key }, i) => key === items[i - 1]?.key);
  if (again === undefined) return;
  throw layoutError(location, "each image must be listed once", again.key);
}

function assertKnown(
  location: string,
  wanted: readonly string[],
  there: readonly string[],
): void {
  const known = new Set(there);
  const unknown = wanted.find((name) => !known.has(name));
  if (unknown === undefined) return;
  const must = `its categories must be among ${there.join(", ")}`;
  throw layoutError(location, must, unknown);
}

/** Applies the category filter and the limits. */
function select(
  source: Source,
  listing: RootedListing,
  options: ListingOptions,
): { categories: string[]; items: Item[] } {
  const { location } = source;
  const wanted = options.categories?.map((name) => name.normalize("NFC")) ??
    listing.categories;
  assertKnown(location, wanted, listing.categories);
  const names = new Set(wanted);
  const all = listing.items.filter(({ category }) => names.has(category))
    .sort(byKey);
  assertOnce(location, all);
  if (all.length === 0) {
    const notes = unreadNotes(source).map((note) => `, ${note}`).join("");
    const value = wanted.length === 0
      ? `no image in any folder${notes}`
      : `no ${options.split ?? "test"} image in ${wanted.join(", ")}${notes}`;
    throw layoutError(location, "it must hold images", value);
  }
  const items = takeSubset(all, options);
  const filled = new Set(all.map(({ category }) => category));
  const taken = new Set(items.map(({ category }) => category));
  const categories = [...names].sort()
    .filter((name) => taken.has(name) || !filled.has(name));
  return { categories, items };
}

/** Counts images by what is known of them, one after the other. */
export class ImageCounter {
  readonly #counts: ReadonlyMap<
    string,
    { -readonly [K in keyof ImageCounts]: number }
  >;

  /** Starts with no image of any category. */
  constructor(categories: readonly string[]) {
    const none = { good: 0, defective: 0, unlabelled: 0, masks: 0 };
    this.#counts = new Map(categories.map((name) => [name, { ...none }]));
  }

  /** Counts an image. */
  add({ category, label, masks }: Countable): void {
    const count = this.#counts.get(category);
    if (count === undefined) return;
    if (label === null) count.unlabelled++;
    else if (label === 0) count.good++;
    else count.defective++;
    if (label === 1 && masks.length > 0) count.masks++;
  }

  /** The counts so far, by category. */
  get counts(): Record<string, ImageCounts> {
    return Object.fromEntries(this.#counts);
  }
}

/**
 * Counts images by what is known of them.
 *
 * @param categories All categories.
 * @param items The images.
 * @returns Counts by category.
 */
export function countImages(
  categories: readonly string[],
  items: Iterable<Countable>,
): Record<string, ImageCounts> {
  const counter = new ImageCounter(categories);
  for (const item of items) counter.add(item);
  return counter.counts;
}

function assertCounts(options: SubsetOptions): void {
  const { limit, limitTotal, sample } = options;
  for (const [name, count] of Object.entries({ limit, limitTotal, sample })) {
    if (count === undefined || Number.isInteger(count) && count > 0) continue;
    throw new RangeError(
      `Cannot open a data set as its ${name} must be a positive integer: current value is ${count}`,
    );
  }
}

/**
 * Checks the options of a data set before anything is opened.
 *
 * @param options What to take of it.
 * @throws {RangeError} If an option is out of range.
 */
export function assertListingOptions(options: ListingOptions): void {
  assertCounts(options);
  if (options.limit !== undefined && options.sample !== undefined) {
    throw new RangeError(
      `Cannot open a data set as either limit or sample must say how many images to take: current values are ${options.limit} and ${options.sample}`,
    );
  }
  if (options.object === "") {
    throw new RangeError(
      "Cannot open a data set as the object must have a name: current value is empty",
    );
  }
}

/**
 * Lists the images of a source by the layout it has, as `openDataSet` does.
 *
 * @param source Files of whatever origin.
 * @param options What to take of them.
 * @returns The images, ordered by key (code units), and their categories.
 * @throws {DataSetError} If there is no image, an unknown category, or a
 * broken list.
 * @throws {RangeError} If an option is out of range.
 */
export async function listSource(
  source: Source,
  options: ListingOptions = {},
): Promise<SourceListing> {
  assertListingOptions(options);
  const { split = "test", object = "object" } = options;
  const listing = await detectLayout(source, { ...options, split, object });
  return takeListing(source, listing, options);
}

/**
 * Takes what was asked for of all images of a source.
 *
 * @param source The files.
 * @param listing All images.
 * @param options What to take of them.
 * @returns The images taken, counted.
 * @throws {DataSetError} If there is none, or an unknown category.
 */
export function takeListing(
  source: Source,
  listing: RootedListing,
  options: ListingOptions,
): SourceListing {
  const { categories, items } = select(source, listing, options);
  const { root, layout } = listing;
  const reading = {
    layout: source.layout ?? layout,
    categories: countImages(categories, items),
    notes: [
      ...source.notes ?? [],
      ...listing.notes ?? [],
      ...unreadNotes(source),
    ],
  };
  return { categories, items, root, layout, reading };
}
