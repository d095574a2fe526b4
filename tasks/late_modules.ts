/**
 * The modules that others load late, or run in workers: Deno does not find them
 * among the imports.
 *
 * @module
 */

const NAMED = /new URL\(\s*"(\.[^"]+\.tsx?)",\s*import\.meta\.url,?\s*\)/g;

/**
 * The modules that a module loads late.
 *
 * @param source Its text.
 * @returns Their addresses, relative to it.
 */
export function lateModules(source: string): string[] {
  return [...source.matchAll(NAMED)].map(([, specifier]) => specifier!);
}
