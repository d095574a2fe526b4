/**
 * Where `download` puts what it downloads.
 *
 * @module
 */
import { join } from "node:path";
import { dataSetFolder, modelFolder } from "../../lib/hub/cache.ts";
import type { RegistryModel } from "../../lib/hub/registry.ts";

/** The models there are, and where to put things. */
export interface DownloadPlaces {
  /** The models by name. */
  readonly models: ReadonlyMap<string, RegistryModel>;
  /** The cache. */
  readonly cache: string;
  /** The folder that `--out` names. */
  readonly out: string | undefined;
}

/**
 * Where a model is put.
 *
 * @param places Where to put things.
 * @returns Its directory.
 */
export function modelAt({ out, cache }: DownloadPlaces, name: string): string {
  return out === undefined ? modelFolder(cache, name) : join(out, name);
}

/**
 * Where a data set is put.
 *
 * @param places Where to put things.
 * @returns Its folder.
 */
export function dataAt({ out, cache }: DownloadPlaces, name: string): string {
  return out === undefined ? dataSetFolder(cache, name) : join(out, name);
}
