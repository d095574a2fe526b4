/**
 * What the folders of one data set say, by their names and their neighbours.
 *
 * @module
 */
import { parentsOf } from "../source.ts";
import {
  isPlainState,
  isStrictTruth,
  isUnclearPair,
  type Role,
  roleOf,
} from "./words.ts";

/** Options of {@linkcode FolderRoles}. */
export interface FolderRoleOptions {
  /** Names of folders with good products, where words do not tell. */
  readonly goodFolders?: readonly string[];
}

/** The part of a data set that a folder holds. */
export type PartRole = "test" | "train" | "validation" | "private";

/**
 * The folder that a file or folder lies in.
 *
 * @param path Its path.
 * @returns The folder's path, empty for the root.
 */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/**
 * The last part of a path.
 *
 * @param path The path.
 * @returns The name.
 */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/**
 * How names are compared: systems and lists differ in case, and write `é` as one
 * character or two.
 *
 * @param name A name, or a path.
 * @returns What equal ones have in common.
 */
export function spelled(name: string): string {
  return name.normalize("NFC").toLowerCase();
}

const PARTS: ReadonlySet<Role> = new Set([
  "test",
  "train",
  "validation",
  "private",
]);

const STATES: ReadonlySet<Role> = new Set(["good", "defective", "unclear"]);

/** The roles of all folders that hold images. */
export class FolderRoles {
  readonly #goodFolders: ReadonlySet<string>;
  readonly #roles = new Map<string, Role>();
  /** Folder -> names of the folders in it. */
  readonly #children = new Map<string, string[]>();
  /** Folders with images directly in them. */
  readonly #filled: ReadonlySet<string>;
  readonly #withKinds = new Set<string>();
  readonly #truth = new Set<string>();
  /** Folders that hold a folder of masks. */
  readonly #withMasks = new Set<string>();

  /**
   * Reads the names of folders.
   *
   * @param images Paths of all images.
   * @param options Names that the user gives.
   */
  constructor(
    images: readonly string[],
    { goodFolders = [] }: FolderRoleOptions = {},
  ) {
    this.#goodFolders = new Set(goodFolders.map(spelled));
    this.#filled = new Set(images.map(folderOf));
    const folders = [...parentsOf(images)];
    for (const path of folders) {
      const names = this.#children.get(folderOf(path)) ?? [];
      names.push(nameOf(path));
      this.#children.set(folderOf(path), names);
    }
    for (const [parent, names] of this.#children) {
      if (this.#areKinds(parent, names)) this.#withKinds.add(parent);
    }
    for (const path of folders) this.#findTruth(path);
  }

  /** The role of a folder by its own name. */
  of(name: string): Role {
    const known = this.#roles.get(name);
    if (known !== undefined) return known;
    const role = this.#roleOf(name);
    this.#roles.set(name, role);
    return role;
  }

  /** Whether a name is that of a part of a data set. */
  isPart(name: string): boolean {
    return PARTS.has(this.of(name));
  }

  /** The part that a name stands for; null for others. */
  partOf(name: string): PartRole | null {
    const role = this.of(name);
    return PARTS.has(role) ? role as PartRole : null;
  }

  /** Whether the folders in a folder are kinds of products, good or not. */
  hasKinds(path: string): boolean {
    return this.#withKinds.has(path);
  }

  /** Whether a folder holds masks. */
  isTruth(path: string): boolean {
    return this.#truth.has(path);
  }

  /** Whether a folder of masks lies in this folder. */
  hasMasks(path: string): boolean {
    return this.#withMasks.has(path);
  }

  /** With names of good folders given, all others are not good. */
  #roleOf(name: string): Role {
    const role = roleOf(name);
    if (this.#goodFolders.has(spelled(name))) return "good";
    const isOverruled = this.#goodFolders.size > 0 &&
      (role === "good" || role === "unclear");
    return isOverruled ? "other" : role;
  }

  #areKinds(parent: string, names: readonly string[]): boolean {
    const isPart = this.isPart(nameOf(parent));
    const states = names.filter((name) => STATES.has(this.of(name)));
    if (states.length === 0) {
      return !isPart && isUnclearPair(names) && this.#goodFolders.size === 0;
    }
    if (isPart) return true;
    const prefix = parent === "" ? "" : `${parent}/`;
    const isPlain = (name: string) =>
      this.#goodFolders.has(spelled(name)) || isPlainState(name);
    const others = names.filter((name) =>
      this.of(name) === "other" || STATES.has(this.of(name)) && !isPlain(name)
    );
    if (others.some((name) => this.#isProduct(prefix + name))) return false;
    // `ok_button` is a product, unless its neighbours speak of states too.
    return states.some(isPlain) || this.#areOpposites(states);
  }

  /** `OK-Teile` and `NG-Teile`: what one of them is, the other is not. */
  #areOpposites(states: readonly string[]): boolean {
    const roles = states.map((name) => this.of(name));
    return roles.includes("good") && roles.includes("defective") ||
      roles.includes("unclear");
  }

  /** Whether a folder has parts or kinds of its own. */
  #isProduct(path: string): boolean {
    const names = this.#children.get(path) ?? [];
    return names.some((name) =>
      this.isPart(name) || STATES.has(this.of(name)) && isPlainState(name)
    );
  }

  /** `mask` may be a product, unless images lie beside it. */
  #findTruth(path: string): void {
    const name = nameOf(path);
    if (this.of(name) !== "truth") return;
    const parent = folderOf(path);
    const beside = this.#children.get(parent) ?? [];
    const isBeside = this.hasKinds(parent) || this.#filled.has(parent) ||
      beside.some((other) => this.isPart(other) || this.of(other) === "images");
    const isInPart = parent.split("/").some((part) => this.isPart(part));
    if (!isBeside && !isInPart && !isStrictTruth(name)) return;
    this.#truth.add(path);
    this.#withMasks.add(parent);
  }
}
