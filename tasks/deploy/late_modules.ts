/**
 * Prints the modules that verbs load late, for `deno cache`: an image is built
 * with the JavaScript of all that it runs.
 *
 * @module
 */
import { readdir } from "node:fs/promises";
import * as posix from "node:path/posix";
import { lateModules } from "../late_modules.ts";

/** Needs packages that no image has. */
const NOT_RUN = ["lib/training/engine/tfjs_engine.ts"];

/** Whether a file is a module, and not one that only developers run. */
function isRun(path: string): boolean {
  return /\.tsx?$/.test(path) && !/^tasks\/(lint|npm)\//.test(path);
}

/**
 * The modules that are loaded late, of the checkout in the current folder.
 *
 * @returns Their paths, in order.
 */
export async function lateModulesOfImage(): Promise<string[]> {
  const found = new Set<string>();
  for (const folder of ["lib", "tasks"]) {
    for (const below of await readdir(folder, { recursive: true })) {
      const path = `${folder}/${below}`;
      if (!isRun(path)) continue;
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
