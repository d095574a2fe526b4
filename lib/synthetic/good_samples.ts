/**
 * More good images of the products of a synthetic set.
 *
 * @module
 */
import type { Sample } from "../data/sample.ts";
import { renderSample } from "./render_sample.ts";

/** Which good images {@linkcode syntheticGoodSamples} draws. */
export interface GoodSampleOptions {
  /** The seed of the data set. */
  readonly seed: number;
  /** How many images each of its categories has. */
  readonly count: number;
  /** Pixels per row and column. */
  readonly side: number;
  /** Good images of each category. */
  readonly shots: number;
}

/**
 * Good images of the same products as in a synthetic data set, none of which is
 * in it. Each image is drawn when it is read.
 *
 * @param categories The categories of the data set.
 * @returns Category -> its images.
 */
export function syntheticGoodSamples(
  categories: readonly string[],
  { seed, count, side, shots }: GoodSampleOptions,
): Map<string, Sample[]> {
  const first = count + count % 2; // Even numbers are good.
  const sample = (category: string, i: number): Sample => {
    const index = first + 2 * i;
    const draw = () => renderSample({ category, index, seed, side });
    return {
      key: `${category}/train/good/${String(i).padStart(3, "0")}.png`,
      category,
      label: 0,
      defect: null,
      image: () => Promise.resolve(draw().image),
      mask: null,
    };
  };
  return new Map(
    categories.map((category) => [
      category,
      Array.from({ length: shots }, (_, i) => sample(category, i)),
    ]),
  );
}
