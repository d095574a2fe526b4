/**
 * Links in archives. One to a file of the same archive is that file; one that
 * leads elsewhere is never followed.
 *
 * @module
 */

/** A link of an archive. */
export interface ArchiveLink {
  /** Its own path below the archive's root. */
  readonly path: string;
  /** Where it leads, as the archive has it. */
  readonly target: string;
  /** `link` for a hard link, whose target starts from the archive's root. */
  readonly kind: "symlink" | "link";
}

/** Where the links of an archive lead. */
export interface FollowedLinks {
  /** Path of a link -> path of its file. */
  readonly files: ReadonlyMap<string, string>;
  /** Links that lead to a folder, to nothing, or out of the archive. */
  readonly lost: readonly string[];
}

/** A link may lead to another, and that to the first. */
const MOST_STEPS = 16;

/** The path that a link names; null where it is not below the root. */
function targetOf({ path, target, kind }: ArchiveLink): string | null {
  if (/^([/\\]|[a-z]:)/i.test(target)) return null;
  const parts = kind === "link" ? [] : path.split("/").slice(0, -1);
  for (const part of target.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined) return null;
  }
  return parts.join("/");
}

/**
 * Follows the links of an archive.
 *
 * @param links The links.
 * @param files Paths of its files.
 * @returns The file that each link leads to.
 */
export function followLinks(
  links: readonly ArchiveLink[],
  files: ReadonlySet<string>,
): FollowedLinks {
  const byPath = new Map(links.map((link) => [link.path, link]));
  const found = new Map<string, string>();
  const lost: string[] = [];
  for (const link of links) {
    let path = targetOf(link);
    for (let step = 0; path !== null && step < MOST_STEPS; step++) {
      const next = byPath.get(path);
      if (next === undefined) break;
      path = targetOf(next);
    }
    if (path !== null && files.has(path)) found.set(link.path, path);
    else lost.push(link.path);
  }
  return { files: found, lost };
}

/**
 * Tells of links that were not followed.
 *
 * @param lost Their paths.
 * @returns A sentence without a full stop, or none.
 */
export function linkNotes(lost: readonly string[]): string[] {
  if (lost.length === 0) return [];
  const [links, lead] = lost.length === 1
    ? ["1 link was", "it leads"]
    : [`${lost.length} links were`, "they lead"];
  const shown = lost.slice(0, 3).join(", ");
  const more = lost.length > 3 ? ` and ${lost.length - 3} more` : "";
  return [
    `${links} not followed as ${lead} to no file of the archive: ${shown}${more}`,
  ];
}
