/**
 * Finds the models of other methods, as their authors published them.
 *
 * @module
 */
import { join } from "node:path";
import { ModelError } from "../../lib/checkpoint/model_error.ts";
import { isThere } from "../../lib/files/is_there.ts";
import type { TablePlan } from "../../lib/reproduction/plan_tables.ts";
import { SYNTHETIC } from "../flags/data_flags.ts";
import { modelDirectory } from "../flags/model_flags.ts";
import { PAPERS_DATA } from "../flags/reproduce_flags.ts";

/** The models of other methods that a plan needs. */
export interface PublishedModels {
  /** Name -> directory of those that are there. */
  readonly directories: ReadonlyMap<string, string>;
  /** Names of those that must be downloaded first. */
  readonly missing: readonly string[];
}

/** The directory of a model: beside the data sets, or in the cache. */
async function directoryOf(
  name: string,
  data: string,
): Promise<string | undefined> {
  const beside = join(data, name);
  const isFolder = data !== SYNTHETIC && data !== PAPERS_DATA;
  if (isFolder && await isThere(beside)) return beside;
  try {
    return await modelDirectory(name);
  } catch (error) {
    if (error instanceof ModelError) return undefined;
    throw error;
  }
}

/**
 * Finds the models of other methods that a plan needs.
 *
 * @param data The value of `--data`: a folder that `download --out` has filled
 * may hold models too.
 */
export async function findPublished(
  { runs }: Pick<TablePlan, "runs">,
  data: string,
): Promise<PublishedModels> {
  const names = new Set(runs.flatMap(({ model }) => model ?? []));
  const directories = new Map<string, string>();
  for (const name of names) {
    const directory = await directoryOf(name, data);
    if (directory !== undefined) directories.set(name, directory);
  }
  const missing = [...names].filter((name) => !directories.has(name));
  return { directories, missing };
}
