/**
 * From the flags of a model to a detector. Apart from the flags, because verbs
 * that run no images have no permission to load the image library.
 *
 * @module
 */
import { printable } from "../../lib/report/format.ts";
import { Detector, type DetectorOptions } from "../../lib/detector/detector.ts";
import {
  type FrameFlags,
  framingOptions,
  orWrongUsage,
} from "./frame_flags.ts";
import { cacheOption } from "../hub_places.ts";
import { precisionOf } from "./precision.ts";
import {
  modelDirectory,
  type ModelFlags,
  modelWeights,
  promptsOf,
  type WordFlags,
} from "./model_flags.ts";

/** Anybody may ask a server for new names, and each may come with warnings. */
const MOST_WARNINGS = 50;

/** Shows warnings, up to a number. */
function warner(): (message: string) => void {
  let shown = 0;
  return (message) => {
    if (shown > MOST_WARNINGS) return;
    const text = shown++ < MOST_WARNINGS ? message : "others are not shown";
    console.error(printable(`Warning: ${text}`));
  };
}

/**
 * Opens the model that the flags choose. Warnings go to stderr.
 *
 * @param categories Categories that will be asked for.
 * @param options Whether good images will be learned and matrices laid out, and
 * what to call when a worker loads the network.
 * @returns The detector.
 * @throws {ModelError} If the model or the prompts cannot be used.
 * @throws {UsageError} If images cannot be laid as the flags say.
 */
export async function openDetector(
  flags: ModelFlags & WordFlags & Partial<FrameFlags>,
  categories: readonly string[],
  options: Pick<DetectorOptions, "learns" | "prepack" | "onLoading"> = {},
): Promise<Detector> {
  const { method, provider, threads, sessions, smooth } = flags;
  const directory = await modelDirectory(flags.model);
  const precision = await precisionOf(flags, () => modelWeights(flags));
  const known = flags.isOpen ? undefined : categories;
  const framing = await framingOptions(flags, known);
  const words = await promptsOf(flags, categories);
  const open = () =>
    Detector.open(directory, {
      ...framing,
      method,
      provider,
      precision,
      threads,
      sessions,
      smooth,
      ...options,
      categories,
      ...words,
      ...cacheOption(),
      onWarning: warner(),
    });
  return await orWrongUsage(open);
}
