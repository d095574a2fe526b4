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

/** Positions of images of one category; of a defective one with a 1 added. */
type Codes = readonly number[];

/** Position and label in one number, as there may be millions of them. */
function codeOf(position: number, label: Choosable["label"]): number {
  return 2 * position + (label === 1 ? 1 : 0);
}

/**
 * The first images of either label in turn, good ones first.
 *
 * @param codes Images of one category.
 * @param count How many to take.
 * @returns Their positions.
 */
function firstInTurn(codes: Codes, count: number): number[] {
  const good = codes.filter((code) => code % 2 === 0);
  const bad = codes.filter((code) => code % 2 === 1);
  const taken: number[] = [];
  for (let i = 0; taken.length < count && i < codes.length; i++) {
    taken.push(...[good[i], bad[i]].filter((code) => code !== undefined));
  }
  return taken.slice(0, count).map((code) => Math.floor(code / 2));
}

/** Fisher and Yates, as Durstenfeld wrote it. */
function shuffled(codes: Codes, random: Random): number[] {
  const order = [...codes];
  for (let last = order.length - 1; last > 0; last--) {
    const other = random.integer(0, last);
    [order[last], order[other]] = [order[other]!, order[last]!];
  }
  return order;
}

/** The positions of the images taken, where not all of them are. */
function choose(
  items: Iterable<Choosable>,
  { limit, sample, seed = 0 }: SubsetOptions,
): ReadonlySet<number> | null {
  const count = sample ?? limit;
  if (count === undefined) return null;
  const groups = new Map<string, number[]>();
  let position = 0;
  for (const { category, label } of items) {
    const group = groups.get(category) ?? [];
    groups.set(category, group);
    group.push(codeOf(position++, label));
  }
  const taken = new Set<number>();
  for (const [category, group] of groups) {
    const random = new Random(`sample/${seed}/${category}`);
    const order = sample === undefined ? group : shuffled(group, random);
    for (const position of firstInTurn(order, count)) taken.add(position);
  }
  return taken;
}

/**
 * A part of the images of a data set, without a list of it.
 *
 * @param items The images, ordered by key; they are gone through again and
 * again.
 * @param options Which part.
 * @returns The images taken, in the same order.
 */
export function subsetOf<T extends Choosable>(
  items: Iterable<T>,
  options: SubsetOptions,
): Iterable<T> {
  const { limitTotal = Infinity } = options;
  const taken = choose(items, options);
  if (taken === null && limitTotal === Infinity) return items;
  return {
    *[Symbol.iterator]() {
      let position = 0;
      let left = limitTotal;
      for (const item of items) {
        if (left === 0) return;
        if (!(taken?.has(position++) ?? true)) continue;
        yield item;
        left--;
      }
    },
  };
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
  return [...subsetOf(items, options)];
}
