/**
 * The entries of a list that belong to one split.
 *
 * @module
 */
import { countOf, someOf } from "../layouts/folder_notes.ts";
import { type LayoutOptions, PARTS_OF } from "../layouts/layout.ts";
import { type Role, roleOf } from "../layouts/words.ts";
import type { ListEntry } from "./entry_reader.ts";

/** Entries, and what its owner should know of how a list was read. */
export interface TakenEntries {
  /** The entries. */
  readonly entries: readonly ListEntry[];
  /** Sentences without full stops. */
  readonly notes: readonly string[];
}

function partOf({ split }: ListEntry): Role | null {
  const role = split === null ? null : roleOf(split);
  return role === "test" || role === "train" || role === "validation"
    ? role
    : null;
}

function labelNotes(entries: readonly ListEntry[]): string[] {
  return entries.some(({ label }) => label !== null)
    ? []
    : ["The list has no column of labels (label), so that no image has one"];
}

/**
 * Takes the entries of one split, where a list has a column of splits.
 *
 * @param all All entries.
 * @param split The split to take.
 * @returns They, or all where the column names no part.
 */
export function entriesOfSplit(
  all: readonly ListEntry[],
  split: LayoutOptions["split"],
): TakenEntries {
  const parts = new Set(all.map(partOf));
  parts.delete(null);
  const strange = all.filter((entry) =>
    entry.split !== null && partOf(entry) === null
  );
  const names = someOf([...new Set(strange.map(({ split }) => split ?? ""))]);
  if (parts.size === 0) {
    const notes = strange.length === 0 ? [] : [
      `The column of splits names no part for ${split} (${names}): all entries are read`,
    ];
    return { entries: all, notes: [...notes, ...labelNotes(all)] };
  }
  const part = PARTS_OF[split].find((part) => parts.has(part));
  const entries = all.filter((entry) => partOf(entry) === (part ?? split));
  const notes = strange.length === 0 ? [] : [
    `${
      countOf(strange.length, "image")
    } of parts with other names (${names}), not read`,
  ];
  return { entries, notes: [...notes, ...labelNotes(entries)] };
}
