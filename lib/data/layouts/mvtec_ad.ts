/**
 * The layout of MVTec AD, which VisA's prepared form shares:
 *
 *     <category>/train/good/000.png
 *     <category>/test/<good or defect>/000.png
 *     <category>/ground_truth/<defect>/000_mask.png
 *
 * The root may also be one category's folder.
 *
 * @module
 */
import type { Item, Listing, Split, Tree } from "./layout.ts";
import { isImageName } from "../source.ts";

interface Place {
  readonly category: string;
  /** train, test or ground_truth */
  readonly part: string;
  /** good, or a defect */
  readonly kind: string;
  readonly file: string;
  readonly path: string;
}

const PARTS: ReadonlySet<string> = new Set(["train", "test", "ground_truth"]);

/** `name` is the category's where the root is one category's folder. */
function placeOf(path: string, name: string | null): Place | null {
  const parts = path.split("/");
  const category = name ?? parts.shift();
  const [part = "", kind = "", file = "", ...rest] = parts;
  if (category === undefined || file === "" || rest.length > 0) return null;
  if (!PARTS.has(part) || !isImageName(file)) return null;
  return { category, part, kind, file, path };
}

function stemOf(file: string): string {
  return file.replace(/\.\w+$/, "");
}

/**
 * Masks by the name of their image, else by position where there are as many
 * of them, as the field's loaders pair them.
 */
function pairMasks(
  images: readonly Place[],
  masks: readonly Place[],
): (string | null)[] {
  const byStem = new Map(
    masks.map(({ file, path }) => [stemOf(file).replace(/_mask$/, ""), path]),
  );
  const named = images.map(({ file }) => byStem.get(stemOf(file)) ?? null);
  if (named.some((path) => path !== null)) return named;
  return masks.length === images.length ? masks.map(({ path }) => path) : named;
}

function toItems(images: readonly Place[], masks: readonly Place[]): Item[] {
  const paired = pairMasks(images, masks);
  return images.map(({ path, category, kind }, i) => ({
    key: path,
    category,
    label: kind === "good" ? 0 : 1,
    defect: kind === "good" ? null : kind,
    mask: kind === "good" ? null : paired[i]!,
  }));
}

/** Folders with a part of the layout in them, and empty folders. */
function categoriesOf(tree: Tree): string[] {
  const filled = new Set(tree.files.map((path) => path.split("/")[0]!));
  const withParts = new Set(
    tree.folders.filter((path) => PARTS.has(path.split("/")[1] ?? ""))
      .map((path) => path.split("/")[0]!),
  );
  return tree.folders.filter((path) =>
    !path.includes("/") && (withParts.has(path) || !filled.has(path))
  );
}

function isLayout(places: readonly Place[]): boolean {
  return places.some(({ part, kind }) =>
    part === "ground_truth" || kind === "good"
  );
}

function groupKey({ category, kind }: Place): string {
  return `${category}/${kind}`;
}

/**
 * Reads the layout of MVTec AD.
 *
 * @param tree The data set.
 * @param split The part to read.
 * @returns Its images, or null if the layout is another.
 */
export function readMvtecAd(
  tree: Tree,
  split: Split,
): Promise<Listing | null> {
  for (const name of [null, tree.name]) {
    const places = tree.files.map((path) => placeOf(path, name))
      .filter((place) => place !== null);
    if (!isLayout(places)) continue;
    const images = places.filter(({ part }) => part === split);
    const masks = places.filter(({ part }) => part === "ground_truth");
    const masksOf = Map.groupBy(masks, groupKey);
    const items = [...Map.groupBy(images, groupKey)].flatMap(([key, group]) =>
      toItems(group, masksOf.get(key) ?? [])
    );
    const categories = name === null ? categoriesOf(tree) : [name];
    return Promise.resolve({ categories, items });
  }
  return Promise.resolve(null);
}
