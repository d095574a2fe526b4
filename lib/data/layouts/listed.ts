/**
 * The files that a list of a data set names.
 *
 * @module
 */
import type { MaskPart } from "../mask_part.ts";
import { isImageName } from "../source.ts";
import { countOf, someOf } from "./folder_notes.ts";
import { nameOf, spelled } from "./folder_roles.ts";
import { stemOf } from "./place.ts";
import { roleOf } from "./words.ts";
import {
  type Item,
  layoutError,
  type LayoutOptions,
  type Tree,
} from "./layout.ts";

/** `.\a\b.png` -> `a/b.png`. */
export function tidyPath(path: string): string {
  return path.replaceAll("\\", "/").replace(/^(\.\/)+/, "");
}

function isInTruth(path: string): boolean {
  return path.split("/").slice(0, -1).some((name) => roleOf(name) === "truth");
}

/** Finds files as lists spell them. */
export class ListedFiles {
  readonly #tree: Tree;
  readonly #files: ReadonlySet<string>;
  #lower: ReadonlyMap<string, string> | undefined;
  #images: ReadonlyMap<string, readonly string[]> | undefined;
  #masks: ReadonlyMap<string, readonly string[]> | undefined;

  /**
   * Takes the files of a data set.
   *
   * @param tree The data set.
   */
  constructor(tree: Tree) {
    this.#tree = tree;
    this.#files = new Set(tree.files);
  }

  /**
   * Finds an image as {@linkcode ListedFiles.find} does, else the only one of
   * that name in any folder, with or without its ending.
   *
   * @param path The path or name that the list has.
   * @returns The image's own path; undefined where there is none, or several.
   */
  findImage(path: string): string | undefined {
    this.#images ??= this.#byName((file) => !isInTruth(file));
    return this.find(path) ?? this.#only(path, this.#images);
  }

  /**
   * Finds masks as {@linkcode ListedFiles.masks} does, else the only one of that
   * name in a folder of masks.
   *
   * @param path The path or name that the list has; empty for none.
   * @returns The mask, or that there is none where the list has one.
   */
  namedMasks(path: string): MaskPart[] {
    this.#masks ??= this.#byName(isInTruth);
    const named = path.trim() === "" || this.find(path) !== undefined
      ? undefined
      : this.#only(path, this.#masks);
    return named === undefined ? this.masks(path) : [named];
  }

  #byName(isOne: (file: string) => boolean): Map<string, string[]> {
    const names = new Map<string, string[]>();
    for (const file of this.#tree.files) {
      if (!isImageName(file) || !isOne(file)) continue;
      const own = nameOf(file).normalize("NFC");
      for (const name of new Set([own, stemOf(file)])) {
        names.set(name, [...names.get(name) ?? [], file]);
      }
    }
    return names;
  }

  #only(
    path: string,
    names: ReadonlyMap<string, readonly string[]>,
  ): string | undefined {
    const tidy = tidyPath(path).normalize("NFC");
    const files = (names.get(nameOf(tidy)) ?? []).filter((file) =>
      !tidy.includes("/") || file.normalize("NFC").endsWith(`/${tidy}`)
    );
    return files.length === 1 ? files[0] : undefined;
  }

  /**
   * Finds a file, else one whose name differs in case alone, as on the systems
   * where many lists are made.
   *
   * @param path The path that the list has.
   * @returns The file's own path; undefined where there is none.
   */
  find(path: string): string | undefined {
    const tidy = tidyPath(path);
    if (this.#files.has(tidy)) return tidy;
    this.#lower ??= new Map(
      this.#tree.files.map((file) => [spelled(file), file]),
    );
    return this.#lower.get(spelled(tidy));
  }

  /**
   * Finds a mask.
   *
   * @param path The path that the list has; empty for none.
   * @returns The mask, or that there is none where the list has one.
   */
  masks(path: string): MaskPart[] {
    if (path.trim() === "") return [];
    return [this.find(path) ?? { absent: tidyPath(path) }];
  }
}

/**
 * Checks that all images a list names are there. Those of categories that are
 * not asked for may be missing, as of a data set that is there in part.
 *
 * @param tree The data set.
 * @param list Path of the list.
 * @param items The images it names.
 * @param options The categories asked for.
 * @throws {DataSetError} If one is missing.
 */
export function assertListed(
  tree: Tree,
  list: string,
  items: readonly Pick<Item, "key" | "category">[],
  { categories }: Pick<LayoutOptions, "categories">,
): void {
  const files = new Set(tree.files);
  const asked = categories === undefined
    ? items
    : items.filter(({ category }) => categories.includes(category));
  const missing = asked.filter(({ key }) => !files.has(key));
  if (missing.length === 0) return;
  const here = new Set(
    items.filter(({ key }) => files.has(key)).map((item) => item.category),
  );
  const advice = missing.every(({ category }) => !here.has(category)) &&
      here.size > 0
    ? ` (all of ${
      someOf([...new Set(missing.map((m) => m.category))])
    }; --category takes others)`
    : "";
  throw layoutError(
    tree.location,
    `the images that ${list} names must exist`,
    `${missing.length} of ${asked.length} missing, the first is ${
      missing[0]!.key
    }${advice}`,
  );
}

/**
 * Counts the images that lie in a data set and that its list does not name.
 *
 * @param tree The data set.
 * @param list Path of the list.
 * @param named Paths of all images and masks that it names, in any split.
 * @returns A sentence, or none.
 */
export function unlistedNotes(
  tree: Tree,
  list: string,
  named: ReadonlySet<string>,
): string[] {
  const others = tree.files.filter((path) =>
    isImageName(path) && !named.has(path)
  );
  if (others.length === 0) return [];
  return [
    `${countOf(others.length, "image")} that ${list} does not name, not read: ${
      someOf(others)
    }`,
  ];
}
