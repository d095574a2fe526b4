/**
 * What the environment says about downloads, and where models are.
 *
 * @module
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { importLate } from "../lib/async/import_late.ts";
import { cacheFolder } from "../lib/hub/cache.ts";
import { type HuggingFace, parseEndpoint } from "../lib/hub/hugging_face.ts";
import type { RegistryModel } from "../lib/hub/registry.ts";
import { readUsage, UsageError } from "./cli/usage_error.ts";

const REGISTRY = fileURLToPath(
  new URL("../models/registry.json", import.meta.url),
);

/**
 * Finds the cache of this user.
 *
 * @returns Its path.
 * @throws {UsageError} If no environment variable says where it is.
 */
export function cachePath(): string {
  const variables = {
    MFP_HOME: Deno.env.get("MFP_HOME"),
    XDG_CACHE_HOME: Deno.env.get("XDG_CACHE_HOME"),
    HOME: Deno.env.get("HOME"),
  };
  return readUsage(() => cacheFolder(variables));
}

/**
 * The cache as an option of what opens models.
 *
 * @returns The folder as an option, or no option where the environment does
 * not tell; models that were not downloaded mostly need none.
 */
export function cacheOption(): { readonly cacheFolder?: string } {
  try {
    return { cacheFolder: cachePath() };
  } catch (error) {
    if (error instanceof UsageError) return {};
    throw error;
  }
}

function huggingFaceCache(): string | undefined {
  const hub = Deno.env.get("HF_HUB_CACHE");
  if (hub) return hub;
  const own = Deno.env.get("HF_HOME");
  if (own) return join(own, "hub");
  const caches = Deno.env.get("XDG_CACHE_HOME");
  if (caches) return join(caches, "huggingface", "hub");
  const home = Deno.env.get("HOME");
  return home ? join(home, ".cache", "huggingface", "hub") : undefined;
}

/**
 * Finds how Hugging Face is reached.
 *
 * @returns Endpoint, token and the cache of its own tools.
 * @throws {UsageError} If HF_ENDPOINT is not an address.
 */
export function huggingFaceAccess(): HuggingFace {
  const endpoint = Deno.env.get("HF_ENDPOINT");
  return {
    endpoint: endpoint ? readUsage(() => parseEndpoint(endpoint)) : undefined,
    token: Deno.env.get("HF_TOKEN"),
    cache: huggingFaceCache(),
  };
}

/**
 * Reads the models that have a name.
 *
 * @returns The models by name.
 * @throws {ModelError} If models/registry.json is not valid.
 */
export async function registryModels(): Promise<
  ReadonlyMap<string, RegistryModel>
> {
  const address = new URL("../lib/hub/registry.ts", import.meta.url);
  const { readRegistry } = await importLate<
    typeof import("../lib/hub/registry.ts")
  >(address);
  return await readRegistry(REGISTRY);
}
