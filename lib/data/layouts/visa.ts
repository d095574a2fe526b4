/**
 * The original layout of VisA:
 *
 *     split_csv/1cls.csv                        object,split,label,image,mask
 *     <category>/Data/Images/Normal/0000.JPG
 *     <category>/Data/Images/Anomaly/000.JPG
 *     <category>/Data/Masks/Anomaly/000.png     class numbers, not 255
 *
 * @module
 */
import {
  type Item,
  layoutError,
  type LayoutOptions,
  type Listing,
  type Tree,
} from "./layout.ts";
import { assertListed, ListedFiles, tidyPath } from "./listed.ts";

const LIST = "split_csv/1cls.csv";
const COLUMNS = ["object", "split", "label", "image", "mask"] as const;

type Row = Record<typeof COLUMNS[number], string>;

function readRows(tree: Tree, text: string): Row[] {
  const [header = "", ...lines] = text.replace(/^\ufeff/, "").trim()
    .split(/\r?\n/);
  const names = header.split(",");
  if (!COLUMNS.every((column) => names.includes(column))) {
    const must = `the first line of ${LIST} must name ${COLUMNS.join(",")}`;
    throw layoutError(tree.location, must, JSON.stringify(header));
  }
  return lines.map((line, i) => {
    const fields = line.split(",");
    if (fields.length !== names.length) {
      const must = `line ${i + 2} of ${LIST} must have ${names.length} fields`;
      throw layoutError(tree.location, must, JSON.stringify(line));
    }
    const of = (column: typeof COLUMNS[number]) =>
      fields[names.indexOf(column)]!.trim();
    return {
      object: of("object"),
      split: of("split"),
      label: of("label"),
      image: of("image"),
      mask: of("mask"),
    };
  });
}

function toItem(tree: Tree, row: Row, files: ListedFiles): Item {
  if (row.label !== "normal" && row.label !== "anomaly") {
    const must = `the labels in ${LIST} must be normal or anomaly`;
    throw layoutError(tree.location, must, JSON.stringify(row.label));
  }
  return {
    key: files.find(row.image) ?? tidyPath(row.image),
    category: row.object,
    label: row.label === "normal" ? 0 : 1,
    defect: null,
    masks: row.label === "anomaly" ? files.masks(row.mask) : [],
  };
}

/**
 * Reads the original layout of VisA.
 *
 * @param tree The data set.
 * @param options The part to read, and the categories that must be whole.
 * @returns Its images, or null if the layout is another.
 * @throws {DataSetError} If the list of images is missing, is not as VisA has
 * it, or names images that are not there.
 */
export async function readVisa(
  tree: Tree,
  options: LayoutOptions,
): Promise<Listing | null> {
  if (!tree.files.includes(LIST)) {
    const image = tree.files.find((path) =>
      /^[^/]+\/Data\/Images\/(Normal|Anomaly)\/[^/]+$/.test(path)
    );
    if (image === undefined) return null;
    const must = `VisA must come with its list ${LIST}`;
    throw layoutError(tree.location, must, "a folder without it");
  }
  const rows = readRows(tree, await tree.readText(LIST));
  const files = new ListedFiles(tree);
  const items = rows.filter((row) => row.split === options.split)
    .map((row) => toItem(tree, row, files));
  assertListed(tree, LIST, items, options);
  const categories = [...new Set(rows.map(({ object }) => object))].sort();
  return { categories, items };
}
