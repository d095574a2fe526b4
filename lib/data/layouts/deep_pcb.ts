/**
 * The layout of DeepPCB: a board as it should be, the same with defects, and
 * boxes around them.
 *
 *     PCBData/group00041/00041/00041000_temp.jpg
 *     PCBData/group00041/00041/00041000_test.jpg
 *     PCBData/group00041/00041_not/00041000.txt      x1 y1 x2 y2 type
 *     PCBData/trainval.txt, test.txt                 image.jpg boxes.txt
 *
 * @module
 */
import { boxPoints } from "../draw_shapes.ts";
import type { Polygon } from "../mask_part.ts";
import type { Item, LayoutOptions, Listing, Split, Tree } from "./layout.ts";

const CATEGORY = "printed_circuit_board";

const IMAGE_REGEXP = /^(.*?)(group[^/]+)\/([^/]+)\/([^/]+)_(test|temp)\.jpg$/i;

/** Numbers of the kinds of defects, as the data set's readme has them. */
const KINDS = ["open", "short", "mousebite", "spur", "copper", "pin-hole"];

interface Boxes {
  readonly shapes: readonly Polygon[];
  readonly kinds: readonly string[];
}

function parseBoxes(text: string): Boxes {
  const rows = text.trim().split(/\r?\n/)
    .map((line) => line.trim().split(/[\s,]+/).map(Number))
    .filter((row) => row.length >= 4 && row.every(Number.isFinite));
  return {
    shapes: rows.map(([x1, y1, x2, y2]) => ({
      polygon: boxPoints([x1!, y1!], [x2!, y2!]),
    })),
    kinds: rows.map((row) => KINDS[row[4]! - 1] ?? `${row[4]}`),
  };
}

/** The numbers of images of a part; null where no list says. */
async function numbersOf(
  tree: Tree,
  split: Split,
): Promise<Set<string> | null> {
  const name = split === "test" ? "test.txt" : "trainval.txt";
  const list = tree.files.find((path) =>
    path === name || path.endsWith(`/${name}`)
  );
  if (list === undefined) return null;
  const text = await tree.readText(list);
  const numbers = text.matchAll(/([^/\s]+)\.jpg/gi).map(([, n]) => n!);
  return new Set(numbers);
}

async function toItem(
  tree: Tree,
  [key, base, group, folder, number, side]: RegExpMatchArray,
  files: ReadonlySet<string>,
): Promise<Item> {
  const image = { key: key!, category: CATEGORY };
  if (side!.toLowerCase() === "temp") {
    return { ...image, label: 0, defect: null, masks: [] };
  }
  const boxes = `${base}${group}/${folder}_not/${number}.txt`;
  if (!files.has(boxes)) {
    return { ...image, label: 1, defect: null, masks: [{ absent: boxes }] };
  }
  const { shapes, kinds } = parseBoxes(await tree.readText(boxes));
  const defect = [...new Set(kinds)].sort().join("+") || null;
  return { ...image, label: 1, defect, masks: shapes };
}

/**
 * Reads DeepPCB. Boxes are filled as masks.
 *
 * @param tree The data set.
 * @param options The part to read.
 * @returns Its images, or null if the layout is another.
 */
export async function readDeepPcb(
  tree: Tree,
  { split }: LayoutOptions,
): Promise<Listing | null> {
  const matches = tree.files.map((path) => path.match(IMAGE_REGEXP))
    .filter((match) => match !== null);
  if (matches.length === 0) return null;
  const numbers = await numbersOf(tree, split);
  if (numbers === null && split === "train") {
    return { categories: [CATEGORY], items: [] };
  }
  const files = new Set(tree.files);
  const taken = matches.filter((match) =>
    numbers === null || numbers.has(match[4]!)
  );
  const items: Item[] = [];
  for (const match of taken) items.push(await toItem(tree, match, files));
  return { categories: [CATEGORY], items };
}
