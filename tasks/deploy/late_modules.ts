/**
 * Prints the modules that verbs load late, for `deno cache`: an image is built
 * with the JavaScript of all that it runs.
 *
 * @module
 */
import * as posix from "node:path/posix";
import { lateModules } from "../late_modules.ts";

/** Needs packages that no image has. */
const NOT_RUN = ["lib/training/engine/tfjs_engine.ts"];

/** Folders whose modules only developers run. */
const OTHERS = ["tasks/lint", "tasks/npm"];

async function* sources(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (OTHERS.includes(path)) continue;
    if (isDirectory) yield* sources(path);
    else if (/\.tsx?$/.test(name)) yield path;
  }
}

/**
 * The modules that are loaded late, of the checkout in the current folder.
 *
 * @returns Their paths, in order.
 */
export async function lateModulesOfImage(): Promise<string[]> {
  const found = new Set<string>();
  for (const folder of ["lib", "tasks"]) {
    for await (const path of sources(folder)) {
      for (const late of lateModules(await Deno.readTextFile(path))) {
        found.add(posix.join(posix.dirname(path), late));
      }
    }
  }
  return [...found].filter((path) => !NOT_RUN.includes(path)).toSorted();
}

if (import.meta.main) {
  console.log((await lateModulesOfImage()).join("\n"));
}
