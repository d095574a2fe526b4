/**
 * The flags that name good images, and how a detector learns them.
 *
 * @module
 */
import type { Sample } from "../../lib/data/sample.ts";
import type { Detector } from "../../lib/detector/detector.ts";
import type { BitDepth, DecodeOptions } from "../../lib/image/decode.ts";
import { printable } from "../../lib/report/format.ts";
import type { GoodSummary } from "../../lib/results/summary.ts";
import type { FlagValues } from "../cli/flags.ts";
import { showProgress } from "../cli/progress.ts";
import type { DATA_FLAGS } from "./data_flags.ts";

/** Flags of every verb that compares images with good ones. */
export const GOOD_FLAGS = {
  good: {
    kind: "text",
    value: "DIR",
    help:
      "Good images to compare with: a folder or archive with a folder of images for each category, a data set with train/good, or images of the only category",
  },
  shots: {
    kind: "integer",
    min: 1,
    max: 1000,
    help:
      "Compare with so many good images of each category, the first ones by key; without --good those in train/good of --data",
  },
} as const;

/** The same flags of verbs that read good images from --good alone. */
export const STORED_GOOD_FLAGS = {
  good: {
    kind: "text",
    value: "URI",
    help:
      "Good images to compare with: s3://BUCKET/FOLDER/, a folder or an archive with a folder of images for each category, a data set with train/good, or images of the only category",
  },
  shots: {
    kind: "integer",
    min: 1,
    max: 1000,
    help:
      "Compare with so many good images of each category, the first ones by key",
  },
} as const;

/** What {@linkcode GOOD_FLAGS} read as. */
export type GoodFlags = FlagValues<typeof GOOD_FLAGS>;

/** A name that no folder has: of good images that lie in no folder. */
export const NO_FOLDER = "\0";

/**
 * Says how images are decoded.
 *
 * @param flags The flags.
 * @returns The options of a decoder.
 */
export function decodeOptions(
  flags:
    & FlagValues<Pick<typeof DATA_FLAGS, "bit-depth">>
    & Partial<FlagValues<Pick<typeof DATA_FLAGS, "ignore-orientation">>>,
): DecodeOptions {
  return {
    bitDepth: Number(flags["bit-depth"]) as BitDepth,
    ignoreOrientation: flags["ignore-orientation"] ?? false,
  };
}

/** Prints a warning to stderr. */
export function warn(warning: string): void {
  console.error(printable(`Warning: ${warning}`));
}

/** Prints a note to stderr. */
export function note(said: string): void {
  console.error(printable(`Note: ${said}`));
}

/**
 * What a detector has learned, for a summary.
 *
 * @param detector The detector.
 * @returns By category; undefined if it has learned nothing.
 */
export function goodSummary(
  { learned }: Pick<Detector, "learned">,
): Record<string, GoodSummary> | undefined {
  if (learned.length === 0) return undefined;
  return Object.fromEntries(
    learned.map(({ category, ...found }) => [category, found] as const),
  );
}

/**
 * Shows good images to a detector.
 *
 * @param detector The detector.
 * @param good Category -> its good images.
 * @param options How they were decoded, and how to stop.
 * @returns What was learned, for the summary.
 * @throws {DataSetError} If an image cannot be read; the message names it.
 */
export async function learnGood(
  detector: Detector,
  good: ReadonlyMap<string, readonly Sample[]>,
  options: DecodeOptions & { readonly signal: AbortSignal },
): Promise<Record<string, GoodSummary>> {
  const counts = [...good.values()].map(({ length }) => length);
  const progress = showProgress("learn", counts.reduce((a, b) => a + b, 0));
  const { bitDepth, signal } = options;
  const learned: [string, GoodSummary][] = [];
  try {
    for (const [category, samples] of good) {
      const images = samples.map(({ key, image }) => ({
        name: key,
        image: async () => {
          const decoded = await image();
          progress.advance();
          return decoded;
        },
      }));
      const { category: name, ...found } = await detector.learn(
        category,
        images,
        { signal, ...bitDepth !== undefined && { bitDepth } },
      );
      learned.push([name, found]);
    }
  } finally {
    progress.finish();
  }
  return Object.fromEntries(learned);
}
