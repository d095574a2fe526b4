/**
 * Thresholds in the manifest of a run, so that all workers judge alike.
 *
 * @module
 */
import { z } from "zod";
import {
  type ProductProfile,
  toCriterion,
} from "../references/product_profile.ts";
import { type Criteria, thresholdCriteria } from "../results/verdict.ts";
import { recordOf } from "./stored_json.ts";

/** The thresholds of one category. */
export type StoredCriterion = Pick<
  ProductProfile,
  "threshold" | "pixel_threshold" | "heat_range" | "good_scores"
>;

/** One threshold for all categories, or those of a profile. */
export type StoredCriteria =
  | { readonly threshold: number }
  | { readonly categories: Readonly<Record<string, StoredCriterion>> };

/** How a manifest spells the thresholds of one category. */
export const STORED_CRITERION: z.ZodType<StoredCriterion> = z.object({
  threshold: z.number(),
  pixel_threshold: z.number(),
  heat_range: z.tuple([z.number(), z.number()]),
  good_scores: z.array(z.number()).min(2),
});

/** How a manifest spells thresholds. */
export const STORED_CRITERIA: z.ZodType<StoredCriteria> = z.union([
  z.object({ threshold: z.number() }),
  z.object({ categories: recordOf(STORED_CRITERION) }),
]);

/**
 * The thresholds of a profile, for a manifest.
 *
 * @param categories Its products.
 */
export function storedCriteria(
  categories: Readonly<Record<string, ProductProfile>>,
): StoredCriteria {
  const parts = Object.entries(categories).map(([name, product]) =>
    [name, storedCriterion(product)] as const
  );
  return { categories: Object.fromEntries(parts) };
}

/** The thresholds of one product, for a manifest. */
export function storedCriterion(
  { threshold, pixel_threshold, heat_range, good_scores }: ProductProfile,
): StoredCriterion {
  return { threshold, pixel_threshold, heat_range, good_scores };
}

/**
 * How the images of a run are judged.
 *
 * @param stored The thresholds in its manifest, if it has some.
 */
export function runCriteria(
  stored: StoredCriteria | undefined,
): Criteria | undefined {
  if (stored === undefined) return undefined;
  if ("threshold" in stored) return thresholdCriteria(stored.threshold);
  const criteria = new Map(
    Object.entries(stored.categories).map(([name, criterion]) =>
      [name, toCriterion(criterion)] as const
    ),
  );
  return (category) => criteria.get(category);
}
