/**
 * When an image is called defective, by flags. Apart from the flags, because
 * this loads profiles.
 *
 * @module
 */
import type { Detector } from "../../lib/detector/detector.ts";
import { learnedProducts } from "../../lib/evaluation/learned_products.ts";
import { useProfile } from "../../lib/evaluation/use_profile.ts";
import { fingerprint } from "../../lib/methods/fingerprint.ts";
import type { ProductProfile } from "../../lib/references/product_profile.ts";
import { readProfile } from "../../lib/references/profile.ts";
import { printable } from "../../lib/report/format.ts";
import { type Criteria, thresholdCriteria } from "../../lib/results/verdict.ts";
import type { FlagValues } from "../cli/flags.ts";
import { UsageError } from "../cli/usage_error.ts";
import { note } from "./good_flags.ts";
import type { ModelFlags } from "./model_flags.ts";
import type { VERDICT_FILE_FLAGS, VerdictFlags } from "./verdict_flags.ts";

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
 * @param fingerprintOf Gives the fingerprint of the detector's model.
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
  fingerprintOf = (): Promise<string> =>
    fingerprint(detector.directory, flags.method),
): Promise<Criteria | undefined> {
  const { profile: path, threshold } = flags;
  if (threshold !== undefined) return thresholdCriteria(threshold);
  if (path === undefined) return undefined;
  const loaded = await readProfile(path);
  checkCategories(path, Object.keys(loaded.profile.categories), categories);
  const bitDepth = Number(flags["bit-depth"]);
  const model = await fingerprintOf();
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
