/**
 * What the owner of a data set should know of how its folders were read.
 *
 * @module
 */
import { isImageName } from "../source.ts";
import type { Item, Split, Tree } from "./layout.ts";
import type { Place } from "./place.ts";
import { roleOf } from "./words.ts";

/** Names that a sentence shows; others are counted. */
const NAMES_SHOWN = 3;

/**
 * Names some of several things.
 *
 * @param names All of them, or at least the first ones.
 * @param total How many there are.
 * @returns The first ones, and how many more there are.
 */
export function someOf(
  names: readonly string[],
  total: number = names.length,
): string {
  const shown = names.slice(0, NAMES_SHOWN).join(", ");
  const more = total - NAMES_SHOWN;
  return more > 0 ? `${shown} and ${more} more` : shown;
}

/**
 * Counts a thing in words.
 *
 * @param count How many.
 * @param one Its name, `image` or `mask`.
 * @returns `1 image`, `2 images`.
 */
export function countOf(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? "" : "s"}`;
}

interface Facts {
  readonly images: readonly Place[];
  readonly orphans: readonly string[];
  readonly ofGood: readonly string[];
  readonly items: readonly Item[];
  readonly split: Split;
}

/** Defective images without a mask, where others have one. */
function maskless({ items }: Facts): string[] {
  const defective = items.filter(({ label }) => label === 1);
  const without = defective.filter(({ masks }) => masks.length === 0)
    .map(({ key }) => key);
  if (without.length === 0 || without.length === defective.length) return [];
  return [
    `${countOf(without.length, "defective image")} without a mask: ${
      someOf(without)
    }`,
  ];
}

/** `incoming 3, stray.png`, counted by what lies at the top. */
function byTop(paths: readonly string[], { imagesIn }: Tree): string {
  const tops = Map.groupBy(paths, (path) => path.split("/", 1)[0]!);
  const files = paths.filter((path) => !path.includes("/"));
  return someOf(
    [...tops].map(([top, some]) =>
      top === some[0] ? top : `${top} ${imagesIn(some)}`
    ),
    tops.size - files.length + imagesIn(files),
  );
}

function strays(tree: Tree, { images }: Facts): string[] {
  const notes: string[] = [];
  const outside = images.filter(({ isPlaced }) => !isPlaced);
  if (outside.length > 0) {
    const paths = outside.map(({ path }) => path);
    notes.push(
      `${
        countOf(tree.imagesIn(paths), "image")
      } outside of the layout, not read: ${byTop(paths, tree)}`,
    );
  }
  const hidden = tree.imagesIn(
    images.filter(({ part }) => part === "private").map(({ path }) => path),
  );
  if (hidden > 0) {
    notes.push(`${countOf(hidden, "image")} of private tests, not read`);
  }
  const known = new Set(images.map(({ path }) => path));
  const depth = tree.files.filter((path) =>
    isImageName(path) && !known.has(path) &&
    path.split("/").some((name) => roleOf(name) === "depth")
  );
  if (depth.length > 0) {
    notes.push(`${countOf(tree.imagesIn(depth), "depth map")}, not read`);
  }
  return notes;
}

/**
 * The name of the folder that was given.
 *
 * @param tree The data set.
 */
export function ownName({ location }: Pick<Tree, "location">): string {
  return location.replace(/[\\/]+$/, "").split(/[\\/]/).at(-1) ?? "";
}

/**
 * Tells where the folder that was given is called after masks.
 *
 * @param tree The data set.
 * @returns A sentence, or none.
 */
export function maskFolderNotes(tree: Tree): string[] {
  const own = ownName(tree);
  return roleOf(own) !== "truth" ? [] : [
    `The folder ${own} is called after masks: its images are read as products`,
  ];
}

/** Where the root may not be the folder that was meant. */
function rootNotes(tree: Tree, { items }: Facts): string[] {
  const { part, name } = tree;
  const notes = maskFolderNotes(tree);
  if (part !== null) {
    notes.push(
      `The folder ${part} is a part of a data set of ${name}: masks that lie beside it are not read, give the folder above it for them`,
    );
  }
  const nested = items.map(({ category }) => category)
    .filter((category) => category.includes("/"));
  const sets = new Set(nested.map((path) => path.slice(0, path.indexOf("/"))));
  if (sets.size > 1) {
    notes.push(
      `${sets.size} data sets in one folder, ${
        someOf([...sets])
      }: their categories are called by their paths`,
    );
  }
  return notes;
}

/**
 * Tells what was not read, and what has no mask or no image.
 *
 * @param tree The data set.
 * @param facts What was read of it.
 * @returns Sentences without full stops.
 */
export function folderNotes(tree: Tree, facts: Facts): string[] {
  const { orphans, ofGood, items } = facts;
  const unlabelled = items.filter(({ label }) => label === null)
    .map(({ key }) => key);
  const isMixed = unlabelled.length > 0 && unlabelled.length < items.length;
  return [
    ...rootNotes(tree, facts),
    ...maskless(facts),
    ...orphans.length === 0 ? [] : [
      `${countOf(orphans.length, "mask")} of no image, not read: ${
        someOf(orphans)
      }`,
    ],
    ...ofGood.length === 0 ? [] : [
      `${countOf(ofGood.length, "mask")} of good images, not read: ${
        someOf(ofGood)
      }`,
    ],
    ...!isMixed ? [] : [
      `${countOf(tree.imagesIn(unlabelled), "image")} without a label: ${
        someOf(unlabelled, tree.imagesIn(unlabelled))
      }`,
    ],
    ...strays(tree, facts),
  ];
}
