/**
 * The licences of data sets, shown and accepted.
 *
 * @module
 */
import type { DataSetEntry } from "../../lib/hub/data_sets.ts";
import { isDataSetInstalled } from "../../lib/hub/install_data_set.ts";
import { isAccepted, recordAccepted } from "../../lib/hub/licences.ts";
import { dataSetEntry } from "../data_location.ts";
import { dataAt, type DownloadPlaces } from "./places.ts";

/** Shows a licence; false where it is not accepted. */
async function acknowledge(
  cache: string,
  entry: DataSetEntry,
  accepts: boolean,
): Promise<boolean> {
  const { title, licence, page } = entry;
  if (await isAccepted(cache, entry)) return true;
  console.error(`${title} is under the licence ${licence}: see ${page}`);
  const asks = !accepts && Deno.stdin.isTerminal();
  if (!accepts && !(asks && confirm("Do you accept it?"))) {
    console.error(
      `Cannot download ${title} as its licence must be accepted: ` +
        `say so with --accept-licence`,
    );
    return false;
  }
  await recordAccepted(cache, entry, new Date());
  return true;
}

/**
 * Shows the licences of data sets that are not yet here, and asks for them to
 * be accepted where a user can be asked. Each is accepted once
 *
 * @param names Data sets and models.
 * @param accepts Whether all licences are accepted.
 * @returns Whether all were.
 */
export async function acknowledgeAll(
  names: readonly string[],
  places: DownloadPlaces,
  accepts: boolean,
): Promise<boolean> {
  for (const entry of names.map(dataSetEntry)) {
    if (entry === undefined) continue;
    if (await isDataSetInstalled(dataAt(places, entry.name))) continue;
    if (!await acknowledge(places.cache, entry, accepts)) return false;
  }
  return true;
}
