/**
 * Loading modules only when they are needed.
 *
 * @module
 */

/**
 * Imports a module when it is needed. What `import()` names by a literal, and all
 * that it imports, Deno reads together with the modules around it: 160 modules
 * beside the 280 with which `serve` starts.
 *
 * @param address Where the module lies, beside `import.meta.url`.
 * @returns What it exports.
 */
export async function importLate<Module>({ href }: URL): Promise<Module> {
  return await import(href);
}
