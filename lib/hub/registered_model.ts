/**
 * Models of the registry, by name.
 *
 * @module
 */
import { modelFolder } from "./cache.ts";
import { isModelInstalled } from "./installed_model.ts";
import { readRegistry } from "./registry.ts";

/** What is known of a name. */
export interface RegisteredModel {
  /** Whether the registry has it. */
  readonly isRegistered: boolean;
  /** Where it lies once it is downloaded, if it is registered. */
  readonly folder: string | undefined;
  /** Whether all its files are there. */
  readonly isInstalled: boolean;
  /** All names of the registry. */
  readonly names: readonly string[];
}

/**
 * Looks a model up in the registry.
 *
 * @param name What the user calls it.
 * @param registryPath The registry's file.
 * @param cacheFolder The cache of downloads, if there is one.
 * @throws {ModelError} If the registry cannot be read.
 */
export async function registeredModel(
  name: string,
  registryPath: string,
  cacheFolder: string | undefined,
): Promise<RegisteredModel> {
  const registry = await readRegistry(registryPath);
  const model = registry.get(name);
  const names = [...registry.keys()];
  const isRegistered = model !== undefined;
  if (model === undefined || cacheFolder === undefined) {
    return { isRegistered, folder: undefined, isInstalled: false, names };
  }
  const folder = modelFolder(cacheFolder, name);
  const isInstalled = await isModelInstalled(model, folder);
  return { isRegistered, folder, isInstalled, names };
}
