/**
 * Where an image lies: the words of its folders, told apart.
 *
 * @module
 */
import { MOST_FOLDERS } from "../source.ts";
import { type FolderRoles, nameOf, type PartRole } from "./folder_roles.ts";
import type { Named } from "./pair_masks.ts";

/** An image file, and what the names of its folders say. */
export interface Place extends Named {
  /** Folders down to the product, joined by `/`; empty for the root's own. */
  readonly category: string;
  /** The part of the data set; null where nothing says. */
  readonly part: PartRole | null;
  /** Folder of good products or of one kind of defect; null for none. */
  readonly kind: string | null;
  /** Whole path of that folder; null for none. */
  readonly kindPath: string | null;
  /** Folders below the kind. */
  readonly sub: readonly string[];
  /** Whether it is a mask by its folder. */
  readonly isMask: boolean;
  /** Whether it is a depth map or the like, which is no photograph. */
  readonly isDepth: boolean;
  /** Whether the names of folders say anything at all. */
  readonly isPlaced: boolean;
}

/**
 * Name of a file without folders and extension. Letters with marks are one
 * character, as macOS writes them as two and others do not.
 *
 * @param path Its path.
 * @returns The name.
 */
export function stemOf(path: string): string {
  return nameOf(path).replace(/\.\w+$/, "").normalize("NFC");
}

/** The paths of nested folders, the outermost first. */
function pathsOf(folders: readonly string[]): string[] {
  let path = "";
  return folders.map((name) => path = path === "" ? name : `${path}/${name}`);
}

function withoutImages(
  folders: readonly string[],
  roles: FolderRoles,
): string[] {
  return folders.filter((name) => roles.of(name) !== "images");
}

interface Marks {
  readonly part: number;
  readonly truth: number;
  readonly kind: number;
}

/** Numbers of the folders that say something; -1 for none. */
function marksOf(
  folders: readonly string[],
  paths: readonly string[],
  roles: FolderRoles,
): Marks {
  const part = folders.findIndex((name) => roles.isPart(name));
  const truth = paths.findIndex((path) => roles.isTruth(path));
  if (truth !== -1) return { part, truth, kind: -1 };
  const kind = folders.findIndex((_, i) =>
    i > part && roles.hasKinds(paths[i - 1] ?? "")
  );
  if (kind !== -1 || part === -1) return { part, truth, kind };
  // Below `test`, any folder is a kind but one that only says "images".
  const next = folders[part + 1];
  const isKind = next !== undefined && roles.of(next) !== "images";
  return { part, truth, kind: isKind ? part + 1 : -1 };
}

function placeOfMask(
  path: string,
  folders: readonly string[],
  { part, truth, roles }: Marks & { readonly roles: FolderRoles },
): Place {
  const start = part === -1 ? truth : Math.min(part, truth);
  const rest = folders.slice(start)
    .filter((name) => !roles.isPart(name) && roles.of(name) !== "truth");
  const [kind = null, ...sub] = withoutImages(rest, roles);
  return {
    path,
    stem: stemOf(path),
    category: withoutImages(folders.slice(0, start), roles).join("/"),
    part: part === -1 ? null : roles.partOf(folders[part]!),
    kind,
    kindPath: null,
    sub,
    isMask: true,
    isDepth: false,
    isPlaced: true,
  };
}

/**
 * Reads the folders of an image.
 *
 * @param path Its path below the data root.
 * @param roles What the folders of the data set say.
 * @returns Where it lies.
 */
export function placeOf(path: string, roles: FolderRoles): Place {
  const stored = path.split("/", MOST_FOLDERS + 1).slice(0, -1);
  const paths = pathsOf(stored);
  const folders = stored.map((name) => name.normalize("NFC"));
  const marks = marksOf(folders, paths, roles);
  if (marks.truth !== -1) {
    return placeOfMask(path, folders, { ...marks, roles });
  }
  const { part, kind } = marks;
  const isBeside = roles.hasKinds(paths.at(-1) ?? "") ||
    ["", ...paths].some((folder) => roles.hasMasks(folder));
  const end = kind !== -1 ? kind : part !== -1 ? part : folders.length;
  const above = folders.slice(0, end).filter((_, i) => i !== part);
  const sub = folders.slice(kind === -1 ? end : kind + 1);
  return {
    path,
    stem: stemOf(path),
    category: withoutImages(above, roles).join("/"),
    part: part === -1 ? null : roles.partOf(folders[part]!),
    kind: folders[kind] ?? null,
    kindPath: paths[kind] ?? null,
    sub: withoutImages(sub, roles),
    isMask: false,
    isDepth: sub.some((name) => roles.of(name) === "depth"),
    isPlaced: part !== -1 || kind !== -1 || isBeside,
  };
}
