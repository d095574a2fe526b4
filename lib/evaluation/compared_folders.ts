/**
 * The folders of a comparison of models, so that a later run can remove them.
 *
 * @module
 */
import { z } from "zod";
import { isThere, removeIfThere } from "../files/is_there.ts";
import { writeJson } from "../files/whole_file.ts";

/** Names the folder of each model; it lies beside them. */
const FILE = "comparison.json";

/** One model of a comparison. */
export interface ComparedFolder {
  /** The model, as the summary names it. */
  readonly model: string;
  /** The name of its folder. */
  readonly folder: string;
}

const COMPARISON = z.object({
  models: z.array(z.object({
    model: z.string(),
    folder: z.string().regex(/^(?!\.{1,2}$)[^/\\\0]+$/),
  })),
});

/** The models of an earlier comparison in a folder; none where there is none. */
export async function readComparison(
  path: string,
): Promise<readonly ComparedFolder[]> {
  if (!await isThere(`${path}/${FILE}`)) return [];
  try {
    const text = await Deno.readTextFile(`${path}/${FILE}`);
    return COMPARISON.parse(JSON.parse(text)).models;
  } catch (error) {
    // A file of that name that something else wrote names no folders.
    const isOther = error instanceof SyntaxError || error instanceof z.ZodError;
    if (isOther) return [];
    throw error;
  }
}

/** Says which folders a comparison is going to fill. */
export async function writeComparison(
  path: string,
  models: readonly ComparedFolder[],
): Promise<void> {
  await Deno.mkdir(path, { recursive: true });
  await writeJson(`${path}/${FILE}`, { models });
}

/** Removes what {@linkcode writeComparison} wrote. */
export async function removeComparison(path: string): Promise<void> {
  if ((await readComparison(path)).length > 0) {
    await removeIfThere(`${path}/${FILE}`);
  }
}
