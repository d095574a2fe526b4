/**
 * The part of Deno's namespace that the library uses, for Node.js and Bun.
 *
 * @module
 */
import process from "node:process";
import * as errors from "./errors.ts";
import * as files from "./files.ts";
import { FsFile, open, SeekMode } from "./open_file.ts";

/** Names of operating systems that differ between Node.js and Deno. */
const SYSTEMS: Readonly<Record<string, string>> = { win32: "windows" };

/** A timer of Node.js and Bun is an object; that of Deno is a number. */
export type Timer = number | { unref(): void };

/** The part of Deno's namespace that the library uses. */
export interface Namespace extends Omit<typeof files, "default"> {
  /** Opens files. */
  readonly open: typeof open;
  /** Open files. */
  readonly FsFile: typeof FsFile;
  /** Where an offset counts from. */
  readonly SeekMode: typeof SeekMode;
  /** Errors of the operating system. */
  readonly errors: typeof errors;
  /** What the program runs on. */
  readonly build: { readonly os: string };
  /** Loads a shared library, of which nothing is called. */
  dlopen(path: string, symbols: Readonly<Record<string, never>>): void;
  /** Lets the program end although a timer runs. */
  unrefTimer(timer: Timer): void;
  /** What the program may do: everything. */
  readonly permissions: {
    query(): Promise<{ readonly state: "granted" }>;
  };
}

/** Node.js loads any library, and then refuses what is not made for it. */
function load(path: string): void {
  try {
    process.dlopen({ exports: {} }, path);
  } catch (error) {
    if (!/did not self-register/.test(String(error))) throw error;
  }
}

/** Stands for `Deno`. */
export const Deno: Namespace = {
  ...files,
  open,
  FsFile,
  SeekMode,
  errors,
  build: { os: SYSTEMS[process.platform] ?? process.platform },
  dlopen: load,
  unrefTimer(timer) {
    if (typeof timer !== "number") timer.unref();
  },
  permissions: { query: () => Promise.resolve({ state: "granted" }) },
};
