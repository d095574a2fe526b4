/**
 * What is known of a file.
 *
 * @module
 */
import type { Stats } from "node:fs";

/** What is known of a file. */
export interface FileInfo {
  /** Whether it is a plain file. */
  readonly isFile: boolean;
  /** Whether it is a folder. */
  readonly isDirectory: boolean;
  /** Whether it is a link. */
  readonly isSymlink: boolean;
  /** Its size in bytes. */
  readonly size: number;
  /** When it was written last. */
  readonly mtime: Date | null;
  /** The device that it lies on. */
  readonly dev: number;
  /** Its number there. */
  readonly ino: number | null;
}

/** Node.js's knowledge of a file as Deno spells it. */
export function infoOf(stats: Stats): FileInfo {
  const { size, mtime, dev, ino } = stats;
  const isFile = stats.isFile();
  const isDirectory = stats.isDirectory();
  const isSymlink = stats.isSymbolicLink();
  return { isFile, isDirectory, isSymlink, size, mtime, dev, ino };
}
