/**
 * Thresholds from the good images that a detector has learned, where there are
 * enough of them.
 *
 * @module
 */
import type { Detector } from "../detector/detector.ts";
import { scoresNeeded } from "../metrics/exceedance.ts";
import {
  calibrationImages,
  type ProductProfile,
  profileProduct,
  toCriterion,
} from "../references/product_profile.ts";
import type { Criteria } from "../results/verdict.ts";

/** Share of good images that may be called defective, if nothing is asked. */
export const FALSE_ALARMS = 0.05;

/** Thresholds, and why there are none. */
export interface LearnedProducts {
  /** Calibrations by category. */
  readonly products: Readonly<Record<string, ProductProfile>>;
  /** A sentence for each category that has too few good images. */
  readonly notes: readonly string[];
}

/**
 * Says why good images set no threshold.
 *
 * @param category Their product.
 * @param images How many there are.
 */
export function noVerdictNote(category: string, images: number): string {
  const needed = scoresNeeded(FALSE_ALARMS);
  if (images >= needed) {
    return `the good images of "${category}" set no threshold, as the method ` +
      `of the model does not compare them with each other; deno task ` +
      `calibrate sets one`;
  }
  return `${images} good ${images === 1 ? "image" : "images"} of ` +
    `"${category}" ${images === 1 ? "is" : "are"} too few for verdicts at ` +
    `${100 * FALSE_ALARMS} % false alarms, which take ${needed}; ` +
    `deno task calibrate sets a threshold from 4 on`;
}

/**
 * Sets a threshold for each category by its good images, each compared with the
 * other ones. Where they are too few to show the rate of false alarms there is
 * none: a threshold beyond all of them would be a guess.
 *
 * @param detector What has learned them.
 */
export function learnedProducts(
  { learned, leftOut, leftOutScores = () => undefined }: {
    readonly learned: Detector["learned"];
    readonly leftOut: Detector["leftOut"];
    readonly leftOutScores?: Detector["leftOutScores"];
  },
): LearnedProducts {
  const needed = scoresNeeded(FALSE_ALARMS);
  const notes: string[] = [];
  const products: [string, ProductProfile][] = [];
  for (const { category, images } of learned) {
    const maps = leftOut(category);
    if (maps === undefined || maps.length < needed) {
      notes.push(noVerdictNote(category, images));
      continue;
    }
    const leftOutOnes = calibrationImages(maps, leftOutScores(category));
    const target = { false_alarms: FALSE_ALARMS };
    products.push([category, profileProduct(leftOutOnes, { target })]);
  }
  return { products: Object.fromEntries(products), notes };
}

/**
 * How images are judged by calibrations.
 *
 * @returns Nothing where there are none.
 */
export function criteriaOfProducts(
  products: Readonly<Record<string, ProductProfile>>,
): Criteria | undefined {
  const criteria = new Map(
    Object.entries(products).map(([category, product]) =>
      [category, toCriterion(product)] as const
    ),
  );
  return criteria.size === 0 ? undefined : (category) => criteria.get(category);
}
