/**
 * Data sets that lie somewhere below a folder, such as in the repository in
 * which their owner ships them.
 *
 * @module
 */

/** Files that only the root of a data set has, with the root in front. */
const MARKS: readonly RegExp[] = [
  /^(.+)\/split_csv\/1cls\.csv$/,
  /^(.+)\/(?:meta\.json|[^/]+\.(?:csv|tsv|jsonl|ndjson))$/i,
  /^(.+)\/MT_[^/]+\/(?:Imgs\/)?[^/]+\.jpe?g$/i,
  /^(.+)\/kos\d+\/Part\d+_label\.bmp$/i,
  /^(.+)\/[^/]+\/(?:Train|Test)\/Label\/[^/]+_label\.\w+$/,
];

/** Repositories have few data sets, and many a table that is none. */
const MOST_ROOTS = 32;

/**
 * Finds folders that may be the roots of data sets.
 *
 * @param files All files.
 * @returns Folders below the top, in the order of their files.
 */
export function nestedRoots(files: readonly string[]): string[] {
  const roots = new Set<string>();
  for (const path of files) {
    for (const mark of MARKS) {
      const [, root] = path.match(mark) ?? [];
      if (root === undefined) continue;
      roots.add(root);
      break;
    }
    if (roots.size === MOST_ROOTS) break;
  }
  return [...roots];
}
