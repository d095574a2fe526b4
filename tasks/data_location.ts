/**
 * Where data sets are that can be had by name.
 *
 * @module
 */
import { isThere } from "../lib/files/is_there.ts";
import { DataSetError } from "../lib/data/sample.ts";
import { dataSetFolder } from "../lib/hub/cache.ts";
import { DATA_SETS, type DataSetEntry } from "../lib/hub/data_sets.ts";
import { isDataSetInstalled } from "../lib/hub/install_data_set.ts";
import { cachePath } from "./hub_places.ts";

/**
 * Finds a data set that can be had by name.
 *
 * @param name The name
 * @returns The data set, or undefined where there is none
 */
export function dataSetEntry(name: string): DataSetEntry | undefined {
  return DATA_SETS.find((entry) => entry.name === name);
}

/**
 * Finds what `--data` names.
 *
 * @param data The name of a data set, or any path
 * @returns The folder of the downloaded data set, or the path
 * @throws {DataSetError} If the data set is not downloaded
 */
export async function dataLocation(data: string): Promise<string> {
  if (dataSetEntry(data) === undefined) return data;
  const folder = dataSetFolder(cachePath(), data);
  if (await isDataSetInstalled(folder)) return folder;
  if (await isThere(data)) return data;
  throw new DataSetError(
    `Cannot open the data set ${data} as it must be downloaded first: run deno task download ${data}`,
  );
}
