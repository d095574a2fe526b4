/**
 * Layouts in which folders tell what images show: MVTec AD, MVTec LOCO, MVTec
 * AD 2, MVTec 3D-AD, BTAD, MPDD, VisA's prepared form, KolektorSDD2, anomalib's
 * Folder, and folders of one's own with good and defective products:
 *
 *     <category>/test/<good or defect>/000.png
 *     <category>/ground_truth/<defect>/000_mask.png
 *     <category>/good/1.jpg, <category>/bad/2.jpg
 *     test/20000.png, test/20000_GT.png
 *
 * The root may also be one category's folder.
 *
 * @module
 */
import { isImageName } from "../source.ts";
import { assignMasks, findMasksBeside } from "./assign_masks.ts";
import { folderOf, FolderRoles } from "./folder_roles.ts";
import { folderNotes } from "./folder_notes.ts";
import { defectOf, labelKinds } from "./kinds.ts";
import {
  type Item,
  layoutError,
  type LayoutOptions,
  type Listing,
  PARTS_OF,
  type Split,
  type Tree,
} from "./layout.ts";
import { labelByMasks } from "./label_by_masks.ts";
import { type Place, placeOf } from "./place.ts";

/** Categories whose folders name no part are for tests as a whole. */
function partOf(images: readonly Place[], split: Split): Place["part"] {
  const parts = new Set(images.map(({ part }) => part));
  const hasParts = parts.values().some((part) => part !== null);
  if (!hasParts) return split === "test" ? null : "train";
  return PARTS_OF[split].find((part) => parts.has(part)) ??
    PARTS_OF[split][0]!;
}

/** Folders with a part of the layout in them, and empty folders. */
function emptyCategories(tree: Tree, roles: FolderRoles): string[] {
  const filled = new Set(tree.files.map((path) => path.split("/", 1)[0]!));
  const withParts = new Set(
    tree.folders.filter((path) => {
      const [, below] = path.split("/", 2);
      return below !== undefined &&
        (roles.isPart(below) || roles.of(below) === "truth");
    }).map((path) => path.split("/", 1)[0]!),
  );
  return tree.folders.filter((path) =>
    !path.includes("/") && !roles.isPart(path) &&
    (withParts.has(path) || !filled.has(path))
  );
}

function assertGoodFolders(
  tree: Tree,
  images: readonly Place[],
  { goodFolders = [] }: LayoutOptions,
): void {
  const kinds = new Set(images.map(({ kind }) => kind?.toLowerCase()));
  const unknown = goodFolders.find((name) => !kinds.has(name.toLowerCase()));
  if (unknown === undefined) return;
  throw layoutError(
    tree.location,
    `the folders that --good-folder names must be there, beside those of defects`,
    unknown,
  );
}

/** Everything that folders and names tell. */
interface Read {
  readonly roles: FolderRoles;
  readonly images: readonly Place[];
  readonly masks: ReadonlyMap<string, readonly string[]>;
  readonly orphans: readonly string[];
  readonly ofGood: readonly string[];
  readonly labels: ReadonlyMap<string, 0 | 1 | null>;
}

/** `masks/nut/bad/1.png`: the product is named below the folder of masks. */
function belowTruth(
  mask: Place,
  categories: ReadonlyMap<string, unknown>,
): Place {
  const { category, kind, sub } = mask;
  if (kind === null || categories.has(category)) return mask;
  const below = category === "" ? kind : `${category}/${kind}`;
  return categories.has(below)
    ? { ...mask, category: below, kind: sub[0] ?? null, sub: sub.slice(1) }
    : mask;
}

function readPlaces(tree: Tree, options: LayoutOptions): Read {
  const paths = tree.files.filter(isImageName);
  const roles = new FolderRoles(paths, options);
  const all = paths.map((path) => placeOf(path, roles));
  const isGood = ({ kind }: Place) =>
    kind !== null && roles.of(kind) === "good";
  const { places, ofGood: besideGood } = findMasksBeside(
    all.filter(({ isDepth }) => !isDepth),
    (place) => place.kind !== null && !isGood(place),
  );
  const images = places.filter(({ isMask }) => !isMask);
  assertGoodFolders(tree, images, options);
  const masks = new Map<string, readonly string[]>();
  const orphans: string[] = [];
  const ofGood = [...besideGood];
  const imagesOf = Map.groupBy(images, ({ category }) => category);
  const masksOf = Map.groupBy(
    places.filter(({ isMask }) => isMask)
      .map((mask) => belowTruth(mask, imagesOf)),
    ({ category }) => category,
  );
  for (const [category, some] of masksOf) {
    const found = assignMasks(imagesOf.get(category) ?? [], some, isGood);
    for (const [image, paths] of found.masks) masks.set(image, paths);
    orphans.push(...found.orphans);
    ofGood.push(...found.ofGood);
  }
  const facts = { location: tree.location, roles };
  const hasMask = (path: string) => masks.has(path);
  const labels = labelKinds(images, { ...facts, hasMask });
  return { roles, images, masks, orphans, ofGood, labels };
}

function toItem(place: Place, read: Read, name: string): Item {
  const { path, kindPath } = place;
  const label = kindPath === null ? null : read.labels.get(kindPath) ?? null;
  return {
    key: path,
    category: place.category === "" ? name : place.category,
    label,
    defect: label === 1 ? defectOf(place, read.roles) : null,
    masks: label === 0 ? [] : read.masks.get(path) ?? [],
  };
}

/** Whether folders or names said anything about any image. */
function isLayout({ labels, masks, orphans, roles }: Read): boolean {
  const isLabelled = labels.values().some((label) => label !== null);
  return isLabelled || masks.size > 0 ||
    orphans.some((path) => roles.isTruth(folderOf(path)));
}

/** VisA's preparation writes several splits; this one is the field's. */
const PREPARED_VISA = "1cls";

/**
 * Whether a folder wraps all categories, which are therefore named below. Where
 * images lie beside it, the categories keep its name and the others are told.
 */
function isWrapped(
  placed: readonly Place[],
  images: readonly Place[],
): boolean {
  const tops = new Set(images.map(({ path }) => path.split("/", 1)[0]!));
  const [top] = tops;
  return tops.has(PREPARED_VISA) || tops.size === 1 &&
      placed.every(({ category }) => category.startsWith(`${top}/`));
}

/**
 * Reads a data set by the names of its folders.
 *
 * @param tree The data set.
 * @param options The part to read, and names of good folders.
 * @returns Its images, or null if names say nothing.
 * @throws {DataSetError} If names do not tell which products are good.
 */
export async function readFolders(
  tree: Tree,
  options: LayoutOptions,
): Promise<Listing | null> {
  const read = readPlaces(tree, options);
  const placed = read.images.filter(({ isPlaced }) => isPlaced);
  if (placed.length === 0 || !isLayout(read)) return null;
  if (isWrapped(placed, read.images)) return null;
  const { split } = options;
  const taken = [...Map.groupBy(placed, ({ category }) => category).values()]
    .flatMap((images) => {
      const part = partOf(images, split);
      return images.filter((image) => image.part === part);
    });
  const named = taken.map((place) => toItem(place, read, tree.name));
  const items = await labelByMasks(tree, named);
  const empty = placed.some(({ category }) => category !== "")
    ? emptyCategories(tree, read.roles)
    : [];
  const categories = new Set([
    ...placed.map(({ category }) => category === "" ? tree.name : category),
    ...empty,
  ]);
  return {
    categories: [...categories].sort(),
    items,
    notes: folderNotes(tree, { ...read, items, split }),
  };
}
