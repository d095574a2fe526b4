/**
 * Where the data sets lie that have a name.
 *
 * @module
 */
import { isThere } from "../lib/files/is_there.ts";
import { DataSetError } from "../lib/data/sample.ts";
import { dataSetFolder } from "../lib/hub/cache.ts";
import { DATA_SETS, type DataSetEntry } from "../lib/hub/data_sets.ts";
import { isDataSetInstalled } from "../lib/hub/install_data_set.ts";
import { nearest } from "../lib/nearest.ts";
import { cachePath } from "./hub_places.ts";

/** The data set of a name; `undefined` where there is none. */
export function dataSetEntry(name: string): DataSetEntry | undefined {
  return DATA_SETS.find((entry) => entry.name === name);
}

/** Refuses what is neither a path nor a name, but nearly a name. */
async function assertNotMisspelt(data: string): Promise<void> {
  if (!/^[\w-]+$/.test(data) || await isThere(data)) return;
  const names = DATA_SETS.map(({ name }) => name);
  const guess = nearest(data, ["synthetic", ...names]);
  if (guess === undefined) return;
  throw new DataSetError(
    `Cannot find the data set ${data} as there is no such name, folder or ` +
      `file: did you mean ${guess}`,
  );
}

/**
 * Finds what `--data` names.
 *
 * @param data The name of a data set, or any path.
 * @returns The folder of the downloaded data set, or the path.
 * @throws {DataSetError} If the data set is not downloaded.
 */
export async function dataLocation(data: string): Promise<string> {
  if (dataSetEntry(data) === undefined) {
    await assertNotMisspelt(data);
    return data;
  }
  const folder = dataSetFolder(cachePath(), data);
  if (await isDataSetInstalled(folder)) return folder;
  if (await isThere(data)) return data;
  throw new DataSetError(
    `Cannot open the data set ${data} as it must be downloaded first: run deno task download ${data}`,
  );
}
