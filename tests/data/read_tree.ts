/**
 * What comes of a tree of files that is opened as a data set.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type DataSetOptions, openDataSet } from "../../lib/data/open.ts";
import { DataSetError, MaskError, type Sample } from "../../lib/data/sample.ts";
import { type Tree, withFolder } from "./trees.ts";

/** Key, category, label, defect kind, and what its mask is. */
export type ReadRow = readonly [
  key: string,
  category: string,
  label: 0 | 1 | null,
  defect: string | null,
  /** Marked pixels and notes, or what is wrong; null for no mask. */
  mask: string | null,
];

/** What was read. */
export interface ReadTree {
  readonly rows: ReadRow[];
  readonly layout: string;
  readonly notes: readonly string[];
}

async function maskOf({ mask }: Sample): Promise<string | null> {
  if (mask === null) return null;
  try {
    const { data, notes = [] } = await mask();
    const lit = data.reduce((sum, value) => sum + value, 0);
    return [lit, ...notes].join(" ");
  } catch (error) {
    if (error instanceof MaskError) return error.fault;
    throw error;
  }
}

/** Opens a location. */
export async function readLocation(
  location: string,
  options: DataSetOptions = {},
): Promise<ReadTree> {
  const { samples, reading } = await openDataSet(location, options);
  const rows = await Array.fromAsync(
    samples(),
    async (sample): Promise<ReadRow> => [
      sample.key,
      sample.category,
      sample.label,
      sample.defect,
      await maskOf(sample),
    ],
  );
  assert.ok(reading);
  const { layout, notes } = reading;
  return { rows: rows.sort(([a], [b]) => a < b ? -1 : 1), layout, notes };
}

/**
 * Opens files as a folder called `set`.
 *
 * @param tree The files.
 * @param options What to take of them.
 * @param below The folder of it to open.
 */
export async function readTree(
  tree: Tree,
  options: DataSetOptions = {},
  below = "",
): Promise<ReadTree> {
  const files = Object.fromEntries(
    Object.entries(tree).map(([path, data]) => [`set/${path}`, data]),
  );
  let read: ReadTree | undefined;
  await withFolder(files, async (folder) => {
    read = await readLocation(`${folder}/set${below}`, options);
  });
  return read!;
}

/** The sentence with which files are refused, without their folder. */
export async function refusalOf(
  tree: Tree,
  options: DataSetOptions = {},
): Promise<string> {
  try {
    const { rows } = await readTree(tree, options);
    assert.fail(`read as ${JSON.stringify(rows)}`);
  } catch (error) {
    if (!(error instanceof DataSetError)) throw error;
    return error.message.replace(/at \S+\/set/, "at SET");
  }
}
