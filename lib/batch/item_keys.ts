/**
 * Keys of images, as results can have them.
 *
 * @module
 */
import type { PlanItem } from "./run.ts";

/** `a//b.png` -> `a/b.png`; buckets have such keys, folders cannot. */
function tidy(key: string): string {
  return key.split("/").filter((part) => part !== "" && part !== ".").join("/");
}

function byKey(a: PlanItem, b: PlanItem): number {
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
  const untidy = items.filter(({ key }) => tidy(key) !== key);
  if (untidy.length === 0) return items.toSorted(byKey);
  const taken = new Set(items.map(({ key }) => key));
  const changed = new Map<PlanItem, PlanItem>();
  for (const item of untidy) {
    const key = tidy(item.key);
    if (key === "" || taken.has(key)) continue;
    taken.add(key);
    changed.set(item, { ...item, key });
  }
  return items.map((item) => changed.get(item) ?? item).sort(byKey);
}
