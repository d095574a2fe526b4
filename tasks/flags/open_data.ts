/**
 * From the flags that choose images to a data set.
 *
 * @module
 */
import { openDataSet } from "../../lib/data/open.ts";
import type { DataSet } from "../../lib/data/sample.ts";
import type { BitDepth } from "../../lib/image/decode.ts";
import { syntheticDataSet } from "../../lib/synthetic/data_set.ts";
import { dataLocation } from "../data_location.ts";
import type { FlagValues } from "../cli/flags.ts";
import {
  type DATA_FLAGS,
  DEFAULT_OBJECT,
  type LISTING_FLAGS,
  listingOptions,
  SYNTHETIC,
} from "./data_flags.ts";
import type { SYNTHETIC_FLAGS } from "./synthetic_flags.ts";

/** What the flags of images and those of the synthetic set read as. */
export type DataFlags = FlagValues<
  & typeof DATA_FLAGS
  & typeof LISTING_FLAGS
  & Omit<typeof SYNTHETIC_FLAGS, "seed">
>;

/**
 * Opens the data set that the flags choose.
 *
 * @param split The half of the synthetic set to take.
 * @returns The data set.
 * @throws {DataSetError} If it cannot be opened.
 */
export async function openData(
  flags: DataFlags,
  split: "aux" | "test" = "test",
): Promise<DataSet> {
  const { data, object = DEFAULT_OBJECT } = flags;
  const listing = listingOptions(flags);
  if (data === SYNTHETIC) {
    const { seed, count, side } = flags;
    const { layout: _, goodFolders: __, labelThreshold: ___, ...part } =
      listing;
    return syntheticDataSet({ ...part, seed, count, side, split });
  }
  const bitDepth = Number(flags["bit-depth"]) as BitDepth;
  const ignoreOrientation = flags["ignore-orientation"];
  return await openDataSet(await dataLocation(data), {
    object,
    bitDepth,
    ignoreOrientation,
    ...listing,
  });
}
