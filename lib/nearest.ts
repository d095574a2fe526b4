/**
 * Suggestions for names that were mistyped.
 *
 * @module
 */

/** Levenshtein distance of two words. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/**
 * Finds the word that a mistyped one most likely stands for.
 *
 * @param word What was typed.
 * @param words The words that exist.
 * @returns The nearest word, or undefined where none is near.
 */
export function nearest(
  word: string,
  words: Iterable<string>,
): string | undefined {
  const reach = Math.max(2, Math.floor(word.length / 3));
  let best: string | undefined;
  let least = reach + 1;
  for (const candidate of words) {
    const far = distance(word, candidate);
    if (far < least) [best, least] = [candidate, far];
  }
  return best;
}
