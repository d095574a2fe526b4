/**
 * Smaller parts of a data set, for a first look or a quick trial.
 *
 * @module
 */
import { Random } from "../random.ts";

/** Which part of a data set to take; all of it where nothing is given. */
export interface SubsetOptions {
  /** Takes so many images of each category, good and defective in turn. */
  readonly limit?: number;
  /** Takes so many images in all, the first ones by key. */
  readonly limitTotal?: number;
  /** Draws so many images of each category, good and defective in turn. */
  readonly sample?: number;
  /**
   * Seed of the draw.
   *
   * @default {0}
   */
  readonly seed?: number;
}

/** What must be known of an image to choose it. */
interface Choosable {
  readonly key: string;
  readonly category: string;
  readonly label: 0 | 1 | null;
}

/**
 * The first images of either label in turn.
 *
 * @param items Images of one category.
 * @param count How many to take.
 * @returns They, good ones first in each turn.
 */
export function firstInTurn<T extends Choosable>(
  items: readonly T[],
  count: number,
): T[] {
  const good = items.filter(({ label }) => label !== 1);
  const bad = items.filter(({ label }) => label === 1);
  const taken: T[] = [];
  for (let i = 0; taken.length < count && i < items.length; i++) {
    taken.push(...[good[i], bad[i]].filter((item) => item !== undefined));
  }
  return taken.slice(0, count);
}

/** Fisher and Yates, as Durstenfeld wrote it. */
function shuffled<T>(items: readonly T[], random: Random): T[] {
  const order = [...items];
  for (let last = order.length - 1; last > 0; last--) {
    const other = random.integer(0, last);
    [order[last], order[other]] = [order[other]!, order[last]!];
  }
  return order;
}

/**
 * Takes a part of the images of a data set.
 *
 * @param items The images, ordered by key.
 * @param options Which part.
 * @returns The images taken, in the same order.
 */
export function takeSubset<T extends Choosable>(
  items: readonly T[],
  options: SubsetOptions,
): T[] {
  const { limit, limitTotal = Infinity, sample, seed = 0 } = options;
  const count = sample ?? limit;
  if (count === undefined) return items.slice(0, limitTotal);
  const groups = Map.groupBy(items, ({ category }) => category);
  const taken = new Set<T>();
  for (const [category, group] of groups) {
    const random = new Random(`sample/${seed}/${category}`);
    const order = sample === undefined ? group : shuffled(group, random);
    for (const item of firstInTurn(order, count)) taken.add(item);
  }
  return items.filter((item) => taken.has(item)).slice(0, limitTotal);
}
