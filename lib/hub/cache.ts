/**
 * Where downloads are kept.
 *
 * @module
 */
import { join } from "node:path";

/** The variables that say where the cache is. */
export interface CacheVariables {
  /** The cache itself. */
  readonly MFP_HOME?: string | undefined;
  /** The folder of all caches. */
  readonly XDG_CACHE_HOME?: string | undefined;
  /** The user's own folder. */
  readonly HOME?: string | undefined;
}

function given(value: string | undefined): value is string {
  return value !== undefined && value !== "";
}

/**
 * Finds the cache: MFP_HOME, else mfp-clip in the XDG cache directory.
 *
 * @returns Path of the cache's folder, which need not exist.
 * @throws {RangeError} If the environment does not tell.
 */
export function cacheFolder(variables: CacheVariables): string {
  const { MFP_HOME, XDG_CACHE_HOME, HOME } = variables;
  if (given(MFP_HOME)) return MFP_HOME;
  if (given(XDG_CACHE_HOME)) return join(XDG_CACHE_HOME, "mfp-clip");
  if (given(HOME)) return join(HOME, ".cache", "mfp-clip");
  throw new RangeError(
    "Cannot find the cache as MFP_HOME, XDG_CACHE_HOME or HOME must be set: current value is none",
  );
}

/**
 * Where a model lies in the cache.
 */
export function modelFolder(cache: string, name: string): string {
  return join(cache, "models", name);
}

/**
 * Where a data set lies in the cache.
 */
export function dataSetFolder(cache: string, name: string): string {
  return join(cache, "data", name);
}
