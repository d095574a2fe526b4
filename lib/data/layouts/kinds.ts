/**
 * Labels by folders of good products and of kinds of defects. Where names do
 * not tell which is which, they are refused, never guessed.
 *
 * @module
 */
import { folderOf, type FolderRoles, nameOf } from "./folder_roles.ts";
import { layoutError } from "./layout.ts";
import { DataSetError } from "../sample.ts";
import type { Place } from "./place.ts";
import { isUnclearPair, isUnsorted, roleOf, spellingOf } from "./words.ts";

/** What is known of a data set when its kinds are labelled. */
export interface KindFacts {
  /** The data set, for messages. */
  readonly location: string;
  /** What its folders say. */
  readonly roles: FolderRoles;
  /** Whether an image has a mask. */
  readonly hasMask: (path: string) => boolean;
}

/** Thrown where names of folders do not tell which products are good. */
export class UnclearKindsError extends DataSetError {
  /** The names. */
  readonly names: string;

  /**
   * Makes an error.
   *
   * @param message What is wrong, as a sentence.
   * @param names The names, as they are shown.
   */
  constructor(message: string, names: string) {
    super(message);
    this.names = names;
  }
}

/** A label; null where folders do not tell. */
type Label = 0 | 1 | null;

function list(names: readonly string[]): string {
  return names.slice(0, 8).join(", ") + (names.length > 8 ? " ..." : "");
}

function refuse(
  { location }: KindFacts,
  folder: string,
  names: readonly string[],
): never {
  const where = folder === "" ? "the data set" : folder;
  const shown = list(names);
  const { message } = layoutError(
    location,
    `it must be clear which folders of ${where} hold good products (name them with --good-folder, or read all as unlabelled with --layout plain)`,
    shown,
  );
  throw new UnclearKindsError(message, shown);
}

/** Two names for good products may mean that one of them is a kind. */
function assertOneSpelling(
  facts: KindFacts,
  folder: string,
  good: readonly string[],
): void {
  const spellings = new Set(good.map(spellingOf));
  const byWord = good.every((name) => roleOf(name) === "good");
  if (spellings.size > 1 && byWord) refuse(facts, folder, good);
}

/** Labels where no folder is called good. */
function labelsWithoutGood(
  facts: KindFacts,
  folder: string,
  kinds: ReadonlyMap<string, readonly Place[]>,
): Map<string, Label> {
  const names = [...kinds.keys()];
  const { roles, hasMask } = facts;
  const isUnclear = isUnclearPair(names) ||
    names.some((name) => roles.of(name) === "unclear");
  if (isUnclear) refuse(facts, folder, names);
  const isKnown = (name: string) =>
    roles.of(name) === "defective" ||
    kinds.get(name)!.some(({ path }) => hasMask(path));
  const known = names.filter(isKnown);
  if (known.length > 0 && known.length < names.length) {
    refuse(facts, folder, names);
  }
  const label = known.length === 0 ? null : 1;
  return new Map(names.map((name) => [name, label]));
}

/**
 * Labels the folders of kinds.
 *
 * @param images All images, masks left out.
 * @param facts What is known of the data set.
 * @returns Path of a folder of one kind -> label of its images.
 * @throws {UnclearKindsError} If names do not tell which products are good.
 */
export function labelKinds(
  images: readonly Place[],
  facts: KindFacts,
): Map<string, Label> {
  const labels = new Map<string, Label>();
  const { roles } = facts;
  const isGood = (name: string) => roles.of(name) === "good";
  const inKinds = images.filter(({ kind }) => kind !== null);
  const withGood = new Set(
    inKinds.filter(({ kind }) => isGood(kind!)).map((p) => p.category),
  );
  const parents = Map.groupBy(inKinds, (p) => folderOf(p.kindPath!));
  for (const [folder, group] of parents) {
    const kinds = Map.groupBy(group, ({ kindPath }) => nameOf(kindPath!));
    const good = [...kinds.keys()].filter(isGood);
    assertOneSpelling(facts, folder, good);
    // Good products of another part show what the words are.
    const isTold = good.length > 0 || withGood.has(group[0]!.category);
    const found = isTold
      ? new Map([...kinds.keys()].map((n) => [n, isGood(n) ? 0 : 1] as const))
      : labelsWithoutGood(facts, folder, kinds);
    for (const [name, label] of found) {
      const own = isUnsorted(name) && !isGood(name) ? null : label;
      labels.set(folder === "" ? name : `${folder}/${name}`, own);
    }
  }
  return labels;
}

/**
 * The kind of defect that an image shows.
 *
 * @param place Where it lies.
 * @param roles What folders say.
 * @returns The folder's name; that of the folder below where the first only
 * says that there is a defect.
 */
export function defectOf(
  { kind, sub }: Place,
  roles: FolderRoles,
): string | null {
  const below = sub.find((name) => roles.of(name) !== "depth");
  return kind !== null && below !== undefined &&
      roles.of(kind) === "defective"
    ? below
    : kind;
}
