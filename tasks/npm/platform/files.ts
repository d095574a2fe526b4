/**
 * Files and folders, as Deno has them.
 *
 * @module
 */
import * as fs from "node:fs/promises";
import { withClasses } from "./errors.ts";
import { type FileInfo, infoOf } from "./file_info.ts";

type Path = string | URL;

/** An entry of a folder. */
export interface DirEntry {
  /** Its name, without folders. */
  readonly name: string;
  /** Whether it is a plain file. */
  readonly isFile: boolean;
  /** Whether it is a folder. */
  readonly isDirectory: boolean;
  /** Whether it is a link. */
  readonly isSymlink: boolean;
}

/** What is known of a file; links are followed. */
export async function stat(path: Path): Promise<FileInfo> {
  return infoOf(await withClasses(fs.stat(path)));
}

/** What is known of a file or link. */
export async function lstat(path: Path): Promise<FileInfo> {
  return infoOf(await withClasses(fs.lstat(path)));
}

/** The entries of a folder. */
export async function* readDir(path: Path): AsyncGenerator<DirEntry> {
  for (const entry of await withClasses(fs.readdir(path, TYPED))) {
    yield {
      name: entry.name,
      isFile: entry.isFile(),
      isDirectory: entry.isDirectory(),
      isSymlink: entry.isSymbolicLink(),
    };
  }
}

const TYPED = { withFileTypes: true } as const;

/** All bytes of a file, in memory of their own. */
export async function readFile(
  path: Path,
  options: { readonly signal?: AbortSignal } = {},
): Promise<Uint8Array> {
  const { buffer, byteOffset, length } = await withClasses(
    fs.readFile(path, options),
  );
  const bytes = new Uint8Array(buffer, byteOffset, length);
  // Node.js keeps small files in memory that they share.
  return length === buffer.byteLength ? bytes : bytes.slice();
}

/** A file as text. */
export async function readTextFile(path: Path): Promise<string> {
  return await withClasses(fs.readFile(path, "utf8"));
}

/** Creates a folder. */
export async function mkdir(
  path: Path,
  options: { readonly recursive?: boolean } = {},
): Promise<void> {
  await withClasses(fs.mkdir(path, options));
}

/** Removes a file or a folder, one with content where `recursive` is set. */
export async function remove(
  path: Path,
  { recursive = false }: { readonly recursive?: boolean } = {},
): Promise<void> {
  if (recursive) return await withClasses(fs.rm(path, { recursive }));
  const { isDirectory } = await lstat(path);
  await withClasses(isDirectory ? fs.rmdir(path) : fs.unlink(path));
}

/** Gives a file another name. */
export async function rename(from: Path, to: Path): Promise<void> {
  await withClasses(fs.rename(from, to));
}

/** Gives a file a second name. */
export async function link(from: Path, to: Path): Promise<void> {
  await withClasses(fs.link(from, to));
}

/** Copies a file. */
export async function copyFile(from: Path, to: Path): Promise<void> {
  await withClasses(fs.copyFile(from, to));
}

/** Sets the times of a file. */
export async function utime(
  path: Path,
  read: Date | number,
  written: Date | number,
): Promise<void> {
  await withClasses(fs.utimes(path, read, written));
}

/** The path of a file without links. */
export async function realPath(path: Path): Promise<string> {
  return await withClasses(fs.realpath(path));
}
