/**
 * The flags that say when an image is called defective.
 *
 * @module
 */
import type { Detector } from "../../lib/detector/detector.ts";
import { fingerprint } from "../../lib/methods/fingerprint.ts";
import { useProfile } from "../../lib/evaluation/use_profile.ts";
import { learnedProducts } from "../../lib/evaluation/learned_products.ts";
import type { ProductProfile } from "../../lib/references/product_profile.ts";
import { readProfile } from "../../lib/references/profile.ts";
import { type Criteria, thresholdCriteria } from "../../lib/results/verdict.ts";
import { printable } from "../../lib/report/format.ts";
import type { FlagValues } from "../cli/flags.ts";
import { type GoodFlags, note } from "./good_flags.ts";
import type { ModelFlags } from "./model_flags.ts";
import { UsageError } from "../cli/usage_error.ts";

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

type VerdictFlags = FlagValues<typeof VERDICT_FLAGS>;

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

/**
 * The thresholds that learned good images set. What they are too few for goes to
 * stderr.
 *
 * @param detector What has learned them.
 * @param flags Flags of files that show verdicts.
 * @throws {UsageError} If there is no verdict, and a file must show one.
 */
export function learnedVerdicts(
  detector: Detector,
  { masks, regions }: Partial<FlagValues<typeof VERDICT_FILE_FLAGS>> = {},
): Readonly<Record<string, ProductProfile>> {
  const { products, notes } = learnedProducts({
    learned: detector.learned,
    leftOut: (category) => detector.leftOut(category),
    leftOutScores: (category) => detector.leftOutScores(category),
  });
  notes.forEach(note);
  const needing = masks ? "--masks" : regions ? "--regions" : undefined;
  if (needing === undefined || Object.keys(products).length > 0) {
    return products;
  }
  throw new UsageError(
    `Cannot judge images as ${needing} must stand beside enough good images, --profile or --threshold`,
  );
}

/**
 * Says which categories a profile does not know.
 *
 * @param path The profile.
 * @param known Its categories.
 * @param asked Those of the images.
 * @throws {UsageError} If it knows none of them.
 */
export function checkCategories(
  path: string,
  known: readonly string[],
  asked: readonly string[],
): void {
  const unknown = asked.filter((category) => !known.includes(category));
  if (unknown.length === 0) return;
  if (unknown.length === asked.length) {
    throw new UsageError(printable(
      `Cannot judge images as the profile ${path} must know a category of ` +
        `them; it knows ${known.join(", ")}: current value is ` +
        `${
          unknown.slice(0, 5).join(", ")
        } (--object names images in no folder)`,
    ));
  }
  console.error(printable(
    `Note: the profile ${path} does not know ${unknown.join(", ")}, whose ` +
      `images have no verdict`,
  ));
}

/**
 * The thresholds that the flags choose. A detector is given the good images of
 * the profile.
 *
 * @param detector The detector.
 * @param flags The flags.
 * @param categories Categories of the images; none where any may come.
 * @returns The thresholds; undefined where no flag has a say.
 * @throws {ModelError} If the profile cannot be used.
 */
export async function criteriaOf(
  detector: Detector,
  flags: VerdictFlags & {
    readonly "bit-depth": string;
    readonly "ignore-orientation": boolean;
    readonly method?: ModelFlags["method"];
  },
  categories: readonly string[],
): Promise<Criteria | undefined> {
  const { profile: path, threshold, method } = flags;
  if (threshold !== undefined) return thresholdCriteria(threshold);
  if (path === undefined) return undefined;
  const loaded = await readProfile(path);
  checkCategories(path, Object.keys(loaded.profile.categories), categories);
  const bitDepth = Number(flags["bit-depth"]);
  const model = await fingerprint(detector.directory, method);
  const { smooth, precision } = detector;
  const frame = detector.framing?.settings;
  const ignoreOrientation = flags["ignore-orientation"];
  return await useProfile(detector, loaded, {
    smooth,
    precision,
    bitDepth,
    ignoreOrientation,
    model,
    frame,
  });
}
