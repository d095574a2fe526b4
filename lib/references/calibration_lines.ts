/**
 * What a calibration found out, in words.
 *
 * @module
 */
import type { CountedRate } from "../metrics/clopper_pearson.ts";
import type { ProductProfile, RateTarget } from "./product_profile.ts";

function percent(share: number): string {
  return `${Number((100 * share).toFixed(1))} %`;
}

/** A rate and its interval. */
function rateText({ count, of, interval: [low, high] }: CountedRate): string {
  return `${count} of ${of} (${percent(count / of)}, with 95 % confidence ` +
    `${percent(low)} to ${percent(high)})`;
}

/** What the threshold is for. */
function targetText(target: RateTarget): string {
  return "recall" in target
    ? `a recall of ${percent(target.recall)}`
    : `${percent(target.false_alarms)} false alarms`;
}

/** What must be said where there are too few images. */
function tooFewText(
  { images_needed, good_scores, recall }: ProductProfile,
  target: RateTarget,
): string | null {
  if (images_needed === null) return null;
  const [kind, there, end] = "recall" in target
    ? ["defective", recall?.of ?? 0, "lowest"]
    : ["good", good_scores.length, "highest"];
  return `${there} ${kind} images are too few to see ${targetText(target)}, ` +
    `which takes ${images_needed}: the threshold lies beyond all of them, ` +
    `where the scatter of the ${end} scores puts it`;
}

/**
 * Describes the calibration of products, a few lines each.
 *
 * @param products By category.
 * @param target What thresholds were chosen for.
 */
export function calibrationLines(
  products: Readonly<Record<string, ProductProfile>>,
  target: RateTarget,
): string[] {
  return Object.entries(products).flatMap(([category, product]) => {
    const few = tooFewText(product, target);
    return [
      `${category}: threshold ${product.threshold.toFixed(3)} ` +
      `for ${targetText(target)}`,
      `  good images called defective: ${rateText(product.false_alarms)}`,
      ...product.recall === null
        ? []
        : [`  defective images found: ${rateText(product.recall)}`],
      ...few === null ? [] : [`  ${few}`],
    ];
  });
}
