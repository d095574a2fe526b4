/**
 * The order of images in an epoch.
 *
 * @module
 */
import { Random } from "../../random.ts";

/**
 * The order of one epoch: a permutation that depends on the seed and the epoch
 * alone (the shuffle of Fisher and Yates in the form of Durstenfeld).
 *
 * @param size Number of images.
 * @param options The seed, or null to keep the order, and the epoch from 0.
 * @returns Numbers of images, from 0.
 */
export function epochOrder(
  size: number,
  { seed, epoch }: { readonly seed: number | null; readonly epoch: number },
): number[] {
  const order = Array.from({ length: size }, (_, i) => i);
  if (seed === null) return order;
  const random = new Random(`order/${seed}/${epoch}`);
  for (let last = size - 1; last > 0; last--) {
    const other = random.integer(0, last);
    [order[last], order[other]] = [order[other]!, order[last]!];
  }
  return order;
}
