/**
 * Keys of images, as results can have them.
 *
 * @module
 */
import type { PlanItem } from "./run.ts";

/** What a key needs to be without empty parts. */
const UNTIDY = /(^|\/)\.?(\/|$)/;

/**
 * A key without empty parts: `a//b.png` -> `a/b.png`. Buckets have such keys,
 * folders cannot.
 *
 * @param key The key.
 */
export function tidyKey(key: string): string {
  if (!UNTIDY.test(key)) return key;
  return key.split("/").filter((part) => part !== "" && part !== ".").join("/");
}

/** Orders images by key (code units). */
export function compareItems(a: PlanItem, b: PlanItem): number {
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
}

/**
 * Removes empty parts from keys, unless another image already has the shorter
 * key. Paths stay as they are.
 *
 * @param items The images.
 * @returns The images, ordered by key (code units).
 */
export function withTidyKeys(items: readonly PlanItem[]): PlanItem[] {
  const untidy = items.filter(({ key }) => tidyKey(key) !== key);
  if (untidy.length === 0) return items.toSorted(compareItems);
  const taken = new Set(items.map(({ key }) => key));
  const changed = new Map<PlanItem, PlanItem>();
  for (const item of untidy) {
    const key = tidyKey(item.key);
    if (key === "" || taken.has(key)) continue;
    taken.add(key);
    changed.set(item, { ...item, key });
  }
  return items.map((item) => changed.get(item) ?? item).sort(compareItems);
}
