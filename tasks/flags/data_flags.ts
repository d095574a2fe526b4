/**
 * The flags that choose images.
 *
 * @module
 */
import { openDataSet } from "../../lib/data/open.ts";
import type { DataSet } from "../../lib/data/sample.ts";
import type { BitDepth } from "../../lib/image/decode.ts";
import { syntheticDataSet } from "../../lib/synthetic/data_set.ts";
import { dataLocation } from "../data_location.ts";
import type { FlagValues } from "../cli/flags.ts";
import type { SYNTHETIC_FLAGS } from "./synthetic_flags.ts";

/** What `--data` calls the set that is drawn, not read. */
export const SYNTHETIC = "synthetic";

/** Flags of every verb that reads images. */
export const DATA_FLAGS = {
  data: {
    kind: "text",
    value: "NAME|DIR|FILE",
    default: "synthetic",
    help:
      "The images: a downloaded data set (mvtec, visa ...), a folder or archive (.zip .tar .tar.gz .tar.xz) in MVTec AD or VisA layout, with meta.json, or of plain images; the synthetic set is drawn, not read",
  },
  category: {
    kind: "list",
    value: "A,B",
    help: "Take only these categories",
  },
  limit: {
    kind: "integer",
    min: 1,
    help: "Take only so many images, the first ones by key",
  },
  object: {
    kind: "text",
    value: "NAME",
    default: "object",
    help: "The product, where no folder names it",
  },
  "bit-depth": {
    kind: "choice",
    choices: ["8", "10", "12", "16"],
    default: "16",
    help: "Bits that a sensor really fills in 16-bit files",
  },
} as const;

/** What {@linkcode DATA_FLAGS} and those of the synthetic set read as. */
export type DataFlags = FlagValues<typeof DATA_FLAGS & typeof SYNTHETIC_FLAGS>;

/**
 * Opens the data set that the flags choose.
 *
 * @param flags The flags
 * @param split The half of the synthetic set to take
 * @returns The data set
 * @throws {DataSetError} If it cannot be opened
 */
export async function openData(
  flags: DataFlags,
  split: "aux" | "test" = "test",
): Promise<DataSet> {
  const { data, category: categories, limit, object } = flags;
  const part = {
    ...categories && { categories },
    ...limit !== undefined && { limit },
  };
  if (data === SYNTHETIC) {
    const { seed, count, side } = flags;
    return syntheticDataSet({ seed, count, side, split, ...part });
  }
  const bitDepth = Number(flags["bit-depth"]) as BitDepth;
  const location = await dataLocation(data);
  return await openDataSet(location, { object, bitDepth, ...part });
}
