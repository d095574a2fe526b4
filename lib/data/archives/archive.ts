/**
 * What zip and tar archives have in common: limits, and names that are safe.
 *
 * @module
 */
import { DataSetError } from "../sample.ts";
import { isHidden, parentsOf } from "../source.ts";
import {
  type ArchiveLink,
  type FollowedLinks,
  followLinks,
  linkNotes,
} from "./links.ts";

/** How large an archive may be before it is refused. */
export interface ArchiveLimits {
  /** The most entries, folders included. */
  readonly entries: number;
  /** The most bytes of one file, unpacked. */
  readonly fileBytes: number;
  /** The most bytes of masks and lists held in memory. */
  readonly keptBytes: number;
}

/** The limits that hold where none are given. */
export const ARCHIVE_LIMITS: ArchiveLimits = {
  entries: 2_000_000,
  fileBytes: 1 << 29,
  keptBytes: 1 << 29,
};

/**
 * The error for an archive that cannot be read.
 *
 * @param location The archive.
 * @param must What it must be.
 * @param cause What was found, or the error that showed it.
 * @returns The error.
 */
export function archiveError(
  location: string,
  must: string,
  cause: unknown,
): DataSetError {
  const found = cause instanceof Error
    ? cause.message
    : `current value is ${JSON.stringify(cause)}`;
  const message = `Cannot read the archive ${location} as ${must}: ${found}`;
  return new DataSetError(message, { cause });
}

function isUnsafe(name: string): boolean {
  return name.includes("\0") || /^([/\\]|[a-z]:)/i.test(name) ||
    name.split(/[/\\]/).includes("..");
}

/** Collects the entries of an archive, and refuses it for any unsafe one. */
export class EntryList {
  readonly #location: string;
  readonly #limits: ArchiveLimits;
  readonly #files = new Set<string>();
  readonly #folders = new Set<string>();
  readonly #links = new Map<string, ArchiveLink>();
  #followed: FollowedLinks | undefined;
  #entries = 0;

  /**
   * Starts an empty list.
   *
   * @param location The archive, for messages.
   * @param limits How large it may be.
   */
  constructor(location: string, limits: ArchiveLimits) {
    this.#location = location;
    this.#limits = limits;
  }

  /**
   * Adds an entry.
   *
   * @param name The name as the archive has it.
   * @param kind What the entry is, in words.
   * @param target Where a link leads; without it, links are refused.
   * @returns The path below the archive's root; empty for the root itself.
   * @throws {DataSetError} If the entry is not a plain file or folder inside
   * the archive, is there twice, or is one too many.
   */
  add(name: string, kind: string, target?: string): string {
    this.#entries += 1;
    if (this.#entries > this.#limits.entries) {
      const must = `it must have at most ${this.#limits.entries} entries`;
      throw archiveError(this.#location, must, this.#entries);
    }
    if (isUnsafe(name)) {
      const must = "the names in it must stay below its root";
      throw archiveError(this.#location, must, name);
    }
    const path = name.split("/").filter((part) => part !== "" && part !== ".")
      .join("/");
    if (kind === "directory") {
      this.#folders.add(path);
      return path;
    }
    const isLink = (kind === "symlink" || kind === "link") &&
      target !== undefined;
    if (kind !== "file" && !isLink) {
      const must = `it must hold only files and folders, no ${kind}`;
      throw archiveError(this.#location, must, name);
    }
    if (path === "" || this.#files.has(path) || this.#links.has(path)) {
      const must = "each name in it must be there once";
      throw archiveError(this.#location, must, name);
    }
    if (isLink) this.#links.set(path, { path, target, kind });
    else this.#files.add(path);
    return path;
  }

  /** Where its links lead, when all entries are added. */
  get links(): FollowedLinks {
    return this.#followed ??= followLinks(
      [...this.#links.values()],
      this.#files,
    );
  }

  /** What the owner should know of links, one sentence each. */
  get notes(): string[] {
    return linkNotes(this.links.lost.filter((path) => !isHidden(path)));
  }

  /** All files and links to files that are not hidden, sorted by code units. */
  get files(): string[] {
    return [...this.#files, ...this.links.files.keys()]
      .filter((path) => !isHidden(path)).sort();
  }

  /** All folders that are not hidden, sorted by code units. */
  get folders(): string[] {
    return [...this.#folders.union(parentsOf(this.files))]
      .filter((path) => path !== "" && !isHidden(path)).sort();
  }
}

/**
 * The name of an archive without its extensions.
 *
 * @param location Its path or address.
 * @returns The last part, without `.zip`, `.tar.gz` and the like.
 */
export function archiveName(location: string): string {
  const last = location.split(/[/\\]/).at(-1) ?? location;
  return last.replace(/\.(zip|tar|tgz|txz|tar\.(gz|xz))$/i, "");
}
