/**
 * TensorFlow's own library, by the package that a user has installed.
 *
 * @module
 */
import { createRequire } from "node:module";
import util from "node:util";

/** Packages that bring it, the one with GPU support first. */
const PACKAGES = ["@tensorflow/tfjs-node-gpu", "@tensorflow/tfjs-node"];

/**
 * Loads the package, which registers the backend `tensorflow`. Nothing is
 * downloaded.
 *
 * @param folder A folder whose `node_modules` has the package; that of this
 * module's own packages if undefined.
 * @returns undefined, or why there is no such backend.
 */
export function loadNative(folder?: string): string | undefined {
  const load = createRequire(import.meta.url);
  let reason = `${PACKAGES[0]} must be installed`;
  for (const name of PACKAGES) {
    const place = folder === undefined
      ? name
      : `${folder}/node_modules/${name}`;
    if (!canResolve(load, place)) continue;
    try {
      restoreNodeUtil();
      load(place);
      return undefined;
    } catch (error) {
      reason = `${name} must load: ${explain(error)}`;
    }
  }
  return reason;
}

function canResolve(load: NodeJS.Require, place: string): boolean {
  try {
    load.resolve(place);
    return true;
  } catch {
    return false;
  }
}

/** Functions of old Node.js that the package calls and Deno lacks. */
function restoreNodeUtil(): void {
  Object.assign(util, {
    isNullOrUndefined: (x: unknown) => x === null || x === undefined,
    isArray: Array.isArray,
  });
}

function explain(error: unknown): string {
  if (error instanceof Deno.errors.NotCapable) {
    return "it needs more permissions than the task has: deno run -A main.ts";
  }
  const [line = ""] = String(error).split("\n");
  return line.includes("can not be found at path")
    ? "current installation lacks the addon that its install script fetches"
    : line;
}
