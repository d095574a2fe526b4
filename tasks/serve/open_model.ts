/**
 * The model that a server runs.
 *
 * @module
 */
import { begin } from "../../lib/async/begin.ts";
import { importLate } from "../../lib/async/import_late.ts";
import { createHash } from "node:crypto";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Stores } from "../../lib/batch/stores.ts";
import { ModelError } from "../../lib/checkpoint/model_error.ts";
import type { Detector } from "../../lib/detector/detector.ts";
import { openFingerprint } from "../../lib/methods/fingerprint.ts";
import type { ModelSettings } from "../../lib/server/model_settings.ts";
import type { LoadedModel } from "../../lib/server/server.ts";
import { DEFAULT_OBJECT } from "../flags/data_flags.ts";
import { cachePath } from "../hub_places.ts";
import { isMissing } from "../../lib/files/is_there.ts";
import { withLock } from "../../lib/files/lock.ts";
import { openDetector } from "../flags/open_detector.ts";
import { detectorSettings } from "../flags/run_settings.ts";
import type { Provider, ServeFlags, Variables } from "../flags/serve_flags.ts";

/** Where platforms put the model. */
const PLATFORM_FOLDERS = ["/opt/ml/model", "/mnt/models"];

async function hasFiles(folder: string): Promise<boolean> {
  try {
    for await (const _ of Deno.readDir(folder)) return true;
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  return false;
}

/**
 * Finds the model to run.
 *
 * @param flag What `--model` says.
 * @param variables The environment.
 * @param folders Where platforms put the model.
 * @returns A name, a directory or an address.
 */
export async function chooseModel(
  flag: string | undefined,
  variables: Variables,
  folders: readonly string[] = PLATFORM_FOLDERS,
): Promise<string> {
  const named = flag || variables["MODEL_URI"] || variables["AIP_STORAGE_URI"];
  if (named) return named;
  for (const folder of folders) {
    if (await hasFiles(folder)) return folder;
  }
  return "nano";
}

/**
 * What addresses call a model.
 *
 * @param model A name, a directory or an address.
 * @returns Its last part.
 */
export function nameOf(model: string): string {
  return basename(model.replace(/\/+$/, "")) || "model";
}

/**
 * Makes sure that a model lies in a folder here. One in a bucket is copied to
 * the cache.
 *
 * @param model A name, a directory or an address.
 * @param stores Open buckets.
 * @param signal Ends the copying early.
 * @returns A name or a directory.
 * @throws {ModelError} If there is no such model.
 */
export async function localModel(
  model: string,
  stores: Stores,
  signal: AbortSignal,
): Promise<string> {
  if (model.startsWith("file:")) return fileURLToPath(model);
  if (!/^(s3|gs):\/\//.test(model)) return model;
  const uri = `${model.replace(/^gs:/, "s3:").replace(/\/+$/, "")}/`;
  const hash = createHash("sha256").update(uri).digest("hex").slice(0, 16);
  const folder = join(cachePath(), "buckets", hash);
  await Deno.mkdir(dirname(folder), { recursive: true });
  const address = new URL("../copy_folder.ts", import.meta.url);
  const { copyFolder } = await importLate<typeof import("../copy_folder.ts")>(
    address,
  );
  const copy = () => copyFolder(stores.folder(uri), folder, { signal });
  const files = await withLock(`${folder}.lock`, copy, {
    signal,
    onWait: () => console.error(`Waiting for another process to copy ${uri}`),
  });
  if (files > 0) return folder;
  throw new ModelError(`Cannot find a model in ${uri} as it has no objects`);
}

/**
 * Opens a model that lies in a folder.
 *
 * @param flags How to run it.
 * @param model A name or a directory.
 * @param onLoading Called when its files are read and a worker loads its
 * network.
 * @returns The model.
 * @throws {ModelError} If it cannot be used.
 */
export async function openModel(
  flags: ServeFlags & { readonly provider: Provider },
  model: string,
  onLoading: () => void,
): Promise<
  LoadedModel & {
    readonly detector: Detector;
    readonly settings: ModelSettings;
  }
> {
  const categories = flags.category ?? [flags.object ?? DEFAULT_OBJECT];
  const isOpen = flags.category === undefined;
  const chosen = { ...flags, model, object: undefined, isOpen };
  const detector = await openDetector(chosen, categories, {
    // The first answer comes sooner than what it saves (bench/start.ts).
    prepack: false,
    onLoading,
  });
  try {
    const settings = await detectorSettings(chosen, detector);
    // No score needs it, so the server is ready while it reads the files.
    const hash = await openFingerprint(detector.directory, flags.method);
    const fingerprint = begin(hash());
    return {
      detector,
      settings: { model: { name: model, fingerprint }, ...settings },
    };
  } catch (error) {
    await detector.close();
    throw error;
  }
}
