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
import {
  assertListed,
  type Item,
  layoutError,
  type Listing,
  type Split,
  type Tree,
} from "./layout.ts";

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

function withoutDot(path: string): string {
  return path.replace(/^(\.\/)+/, "");
}

function toItem(
  tree: Tree,
  entry: unknown,
  files: ReadonlySet<string>,
): Item {
  const { img_path, mask_path, cls_name, specie_name, anomaly } =
    isRecord(entry) ? entry : {};
  if (
    typeof img_path !== "string" || typeof cls_name !== "string" ||
    (anomaly !== 0 && anomaly !== 1)
  ) {
    const must =
      `the entries of ${LIST} must have img_path, cls_name and anomaly 0 or 1`;
    throw layoutError(tree.location, must, JSON.stringify(entry));
  }
  const mask = typeof mask_path === "string" ? withoutDot(mask_path) : "";
  return {
    key: withoutDot(img_path),
    category: cls_name,
    label: anomaly,
    defect: anomaly === 1 && typeof specie_name === "string"
      ? specie_name
      : null,
    mask: anomaly === 1 && files.has(mask) ? mask : null,
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

/**
 * Reads a data set by its `meta.json`.
 *
 * @param tree The data set.
 * @param split The part to read.
 * @returns Its images, or null if there is no such list.
 * @throws {DataSetError} If the list is not valid, or names images that are
 * not there.
 */
export async function readMetaJson(
  tree: Tree,
  split: Split,
): Promise<Listing | null> {
  if (!tree.files.includes(LIST)) return null;
  const list = await readList(tree);
  if (list === null) return null;
  const part = list[split] ?? {};
  const files = new Set(tree.files);
  const items = Object.values(part).flatMap((entries) => {
    const all: unknown[] = Array.isArray(entries) ? entries : [entries];
    return all.map((entry) => toItem(tree, entry, files));
  });
  assertListed(tree, LIST, items.map(({ key }) => key));
  const categories = new Set([
    ...Object.keys(part),
    ...items.map(({ category }) => category),
  ]);
  return { categories: [...categories].sort(), items };
}
