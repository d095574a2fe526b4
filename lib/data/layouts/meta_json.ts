/**
 * The list that APRIL-GAN, AnomalyCLIP, AdaCLIP and others keep at the root of
 * a data set, `meta.json`:
 *
 *     {"train": {"bottle": [...]}, "test": {"bottle": [{"img_path": "...",
 *     "mask_path": "", "cls_name": "bottle", "specie_name": "good",
 *     "anomaly": 0}]}}
 *
 * @module
 */
import { shownJson } from "../../files/shown_json.ts";
import type { MaskPart } from "../mask_part.ts";
import {
  type Item,
  layoutError,
  type LayoutOptions,
  type Listing,
  type Tree,
} from "./layout.ts";
import {
  assertListed,
  ListedFiles,
  tidyPath,
  unlistedNotes,
} from "./listed.ts";

const LIST = "meta.json";

type Json = Record<string, unknown>;

function isRecord(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A list of images is known by its splits, each a record of categories. */
function isList(value: unknown): value is Record<string, Json> {
  return isRecord(value) &&
    ["train", "test"].some((split) => isRecord(value[split]));
}

/** One path, or several where an image has several masks. */
function masksOf(value: unknown, files: ListedFiles): MaskPart[] {
  const paths: unknown[] = Array.isArray(value) ? value : [value];
  return paths.flatMap((path) =>
    typeof path === "string" ? files.masks(path) : []
  );
}

function toItem(
  tree: Tree,
  entry: unknown,
  files: ListedFiles,
): Item {
  const { img_path, mask_path, cls_name, specie_name, anomaly } =
    isRecord(entry) ? entry : {};
  if (
    typeof img_path !== "string" || typeof cls_name !== "string" ||
    (anomaly !== 0 && anomaly !== 1)
  ) {
    const must =
      `the entries of ${LIST} must have img_path, cls_name and anomaly 0 or 1`;
    throw layoutError(tree.location, must, shownJson(entry));
  }
  return {
    key: files.find(img_path) ?? tidyPath(img_path),
    category: cls_name,
    label: anomaly,
    defect: anomaly === 1 && typeof specie_name === "string"
      ? specie_name
      : null,
    masks: anomaly === 1 ? masksOf(mask_path, files) : [],
  };
}

async function readList(tree: Tree): Promise<Record<string, Json> | null> {
  try {
    const list: unknown = JSON.parse(await tree.readText(LIST));
    return isList(list) ? list : null;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw layoutError(
      tree.location,
      `its list ${LIST} must be valid JSON`,
      error.message,
    );
  }
}

function itemsOf(tree: Tree, part: Json, files: ListedFiles): Item[] {
  return Object.values(part).flatMap((entries) => {
    const all: unknown[] = Array.isArray(entries) ? entries : [entries];
    return all.map((entry) => toItem(tree, entry, files));
  });
}

/** Every file that is named anywhere, whatever it is. */
function namedIn(value: unknown, files: ListedFiles): Set<string> {
  const named = new Set<string>();
  const open: unknown[] = [value];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next === "string") named.add(files.find(next) ?? next);
    if (typeof next === "object") open.push(...Object.values(next ?? {}));
  }
  return named;
}

/**
 * Reads a data set by its `meta.json`.
 *
 * @param tree The data set.
 * @param options The part to read, and the categories that must be whole.
 * @returns Its images, or null if there is no such list.
 * @throws {DataSetError} If the list is not valid, or names images that are
 * not there.
 */
export async function readMetaJson(
  tree: Tree,
  options: LayoutOptions,
): Promise<Listing | null> {
  if (!tree.files.includes(LIST)) return null;
  const list = await readList(tree);
  if (list === null) return null;
  const part = list[options.split] ?? {};
  const files = new ListedFiles(tree);
  const items = itemsOf(tree, part, files);
  assertListed(tree, LIST, items, options);
  const named = namedIn(Object.values(list), files);
  const categories = new Set([
    ...Object.keys(part),
    ...items.map(({ category }) => category),
  ]);
  return {
    categories: [...categories].sort(),
    items,
    notes: unlistedNotes(tree, LIST, named),
  };
}
