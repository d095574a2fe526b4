/**
 * The flags that choose images.
 *
 * @module
 */
import { LAYOUT_NAMES } from "../../lib/data/layouts/layout_names.ts";
import type { ListingOptions } from "../../lib/data/listing.ts";
import type { FlagValues } from "../cli/flags.ts";
import { UsageError } from "../cli/usage_error.ts";

/** What `--data` calls the set that is drawn, not read. */
export const SYNTHETIC = "synthetic";

/** What a product is called where nothing names it. */
export const DEFAULT_OBJECT = "object";

const LAYOUT_CHOICES: readonly string[] = ["auto", ...LAYOUT_NAMES];

/** Flags that say which images are taken, of every verb that lists them. */
export const LISTING_FLAGS = {
  category: {
    kind: "list",
    value: "A,B",
    help: "Take only these categories",
  },
  limit: {
    kind: "integer",
    min: 1,
    help:
      "Take only so many images of each category, good and defective in turn",
  },
  "limit-total": {
    kind: "integer",
    min: 1,
    help: "Take only so many images in all, the first ones by key",
  },
  sample: {
    kind: "integer",
    min: 1,
    help:
      "Draw so many images of each category by --seed, good and defective in turn",
  },
  layout: {
    kind: "choice",
    choices: LAYOUT_CHOICES as readonly string[],
    default: "auto",
    help:
      "Layout of the folders, where it is not recognised or recognised wrongly; plain reads every image without a label",
  },
  "good-folder": {
    kind: "list",
    value: "A,B",
    help: "Names of the folders with good products; all beside are defective",
  },
  "label-threshold": {
    kind: "number",
    min: 0,
    max: 1,
    default: 0.5,
    help:
      "The least probability that counts as a defect, where labels are such",
  },
  object: {
    kind: "text",
    value: "NAME",
    help:
      "What the product is called in prompts; without it folders name it, and else it is an object",
  },
  seed: {
    kind: "integer",
    needs: ["sample"],
    min: 0,
    default: 0,
    help: "Seed of --sample: another one draws others",
  },
} as const;

/** Flags of every verb that reads images. */
export const DATA_FLAGS = {
  data: {
    kind: "text",
    value: "NAME|DIR|FILE",
    default: "synthetic",
    help:
      "The images: a downloaded data set (mvtec, visa ...), a folder or archive (.zip .tar .tar.gz .tar.xz) of good and defective products, of a public data set, or of plain images, a list (.csv .jsonl), or images, separated by commas; the synthetic set is drawn, not read",
  },
  "bit-depth": {
    kind: "choice",
    choices: ["8", "10", "12", "16"],
    default: "16",
    help: "Bits that a sensor really fills in 16-bit files",
  },
  "ignore-orientation": {
    kind: "switch",
    help: "Read images as they are stored, whatever EXIF says, as Pillow does",
  },
} as const;

/**
 * Which images are taken, and how folders are read.
 *
 * @returns The options of a listing.
 */
export function listingOptions(
  flags: FlagValues<typeof LISTING_FLAGS>,
): Omit<ListingOptions, "object" | "split"> {
  const { category: categories, layout, "good-folder": goodFolders } = flags;
  const { limit, "limit-total": limitTotal, sample } = flags;
  if (limit !== undefined && sample !== undefined) {
    throw new UsageError(
      "Cannot read --limit as --sample stands beside it, which says how many images of each category to draw",
    );
  }
  return {
    ...categories && { categories },
    ...layout !== "auto" && { layout },
    ...goodFolders && { goodFolders },
    labelThreshold: flags["label-threshold"],
    ...limit !== undefined && { limit },
    ...limitTotal !== undefined && { limitTotal },
    ...sample !== undefined && { sample, seed: flags.seed },
  };
}
