/**
 * The flags that say when an image is called defective.
 *
 * @module
 */
import type { FlagValues } from "../cli/flags.ts";
import { UsageError } from "../cli/usage_error.ts";
import type { GoodFlags } from "./good_flags.ts";

/** Flags of every verb that scores images. */
export const VERDICT_FLAGS = {
  profile: {
    kind: "text",
    value: "DIR|ZIP",
    help:
      "What calibrate wrote, or a .zip archive of it: good images to compare with, and thresholds; images then have verdicts",
  },
  threshold: {
    kind: "number",
    min: -1e6,
    max: 1e6,
    help:
      "The least score_logit that is called defective, for all categories, in place of --profile",
  },
} as const;

/** Flags of files that show verdicts. */
export const VERDICT_FILE_FLAGS = {
  overlays: {
    kind: "switch",
    help:
      "Write overlays/: each image in its own size, with its map in colours and its regions outlined",
  },
  masks: {
    kind: "switch",
    help:
      "Write masks/: white where an image looks defective, in its own size; needs verdicts",
  },
  regions: {
    kind: "switch",
    help:
      "Write regions.json: where images look defective, in COCO's format; needs verdicts",
  },
  csv: {
    kind: "choice",
    choices: ["comma", "semicolon"],
    default: "comma",
    help:
      "What separates the fields of scores.csv; semicolon is for Excel where decimals have a comma",
  },
} as const;

/** What {@linkcode VERDICT_FLAGS} read as. */
export type VerdictFlags = FlagValues<typeof VERDICT_FLAGS>;

/** Refuses flags that contradict each other, before anything is loaded. */
export function assertVerdictFlags(
  { profile, threshold, masks, regions, good, shots }:
    & VerdictFlags
    & Partial<FlagValues<typeof VERDICT_FILE_FLAGS>>
    & Partial<GoodFlags>,
): void {
  if (profile !== undefined && (good ?? shots) !== undefined) {
    throw new UsageError(
      "Cannot judge images as --good and --shots must not stand beside --profile, which has good images of its own",
    );
  }
  if (profile !== undefined && threshold !== undefined) {
    throw new UsageError(
      "Cannot judge images as --threshold must not stand beside --profile",
    );
  }
  const needing = masks ? "--masks" : regions ? "--regions" : undefined;
  const deciding = profile ?? threshold ?? good ?? shots;
  if (needing !== undefined && deciding === undefined) {
    throw new UsageError(
      `Cannot judge images as ${needing} must stand beside --profile, --threshold or --good`,
    );
  }
}
