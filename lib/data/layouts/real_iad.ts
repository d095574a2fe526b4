/**
 * The layout of Real-IAD, with its lists where they are there:
 *
 *     realiad_jsons/audiojack.json
 *     realiad_1024/audiojack/OK/S0001/audiojack_0001_OK_C1_x.jpg
 *     realiad_1024/audiojack/NG/AK/S0002/audiojack_0002_NG_AK_C1_x.jpg
 *     realiad_1024/audiojack/NG/AK/S0002/audiojack_0002_NG_AK_C1_x.png
 *
 * Without lists the folders say the same, but for what is for training.
 *
 * @module
 */
import type { Item, LayoutOptions, Listing, Tree } from "./layout.ts";
import { assertListed, ListedFiles } from "./listed.ts";

interface Entry {
  readonly category?: unknown;
  readonly anomaly_class?: unknown;
  readonly image_path?: unknown;
  readonly mask_path?: unknown;
}

/** One category's list. */
interface List {
  readonly path: string;
  readonly normal: string;
  readonly prefix: string;
  readonly entries: readonly Entry[];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** Null for JSON that is something else. */
async function readList(
  tree: Tree,
  path: string,
  split: string,
): Promise<List | null> {
  const text = await tree.readText(path);
  if (!text.includes("normal_class")) return null;
  try {
    const json: unknown = JSON.parse(text);
    if (!isObject(json) || !isObject(json.meta)) return null;
    const { normal_class: normal, prefix } = json.meta;
    const entries = json[split];
    if (typeof normal !== "string" || typeof prefix !== "string") return null;
    return { path, normal, prefix, entries: entries as Entry[] ?? [] };
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** The folder that paths of lists start from, such as `realiad_1024/`. */
function baseOf(tree: Tree, lists: readonly List[]): string {
  for (const { prefix, entries } of lists) {
    for (const { image_path } of entries) {
      const end = `${prefix}${image_path}`;
      const path = tree.files.find((file) =>
        file === end || file.endsWith(`/${end}`)
      );
      if (path !== undefined) return path.slice(0, -end.length);
    }
  }
  return "";
}

function toItem(
  entry: Entry,
  { prefix, normal }: List,
  { base, files }: { readonly base: string; readonly files: ListedFiles },
): Item {
  const { category, anomaly_class: kind, image_path, mask_path } = entry;
  const label = kind === normal ? 0 : 1;
  const folder = base + prefix;
  return {
    key: `${folder}${image_path}`,
    category: typeof category === "string" ? category : prefix.split("/")[0]!,
    label,
    defect: label === 1 ? String(kind) : null,
    masks: label === 1 && typeof mask_path === "string"
      ? files.masks(folder + mask_path)
      : [],
  };
}

/**
 * Reads Real-IAD by its lists.
 *
 * @param tree The data set.
 * @param options The part to read, and the categories that must be whole.
 * @returns Its images, or null if there are no such lists.
 * @throws {DataSetError} If images that a list names are missing.
 */
export async function readRealIad(
  tree: Tree,
  options: LayoutOptions,
): Promise<Listing | null> {
  const paths = tree.files.filter((path) =>
    /(^|\/)realiad_jsons[^/]*\/.*\.json$/i.test(path)
  );
  const lists: List[] = [];
  for (const path of paths) {
    const list = await readList(tree, path, options.split);
    if (list !== null) lists.push(list);
  }
  if (lists.length === 0) return null;
  const at = { base: baseOf(tree, lists), files: new ListedFiles(tree) };
  const items = lists.flatMap((list) =>
    list.entries.map((entry) => toItem(entry, list, at))
  );
  assertListed(tree, lists[0]!.path, items, options);
  const categories = new Set(items.map(({ category }) => category));
  return { categories: [...categories].sort(), items };
}
