/**
 * How the images of a run are laid, as manifests, profiles and summaries hold
 * it.
 *
 * @module
 */
import { z } from "zod";
import type { ImageSize } from "../image/image.ts";
import { type Fit, type FrameRules, planFrame } from "./frame.ts";

/** What tells a way to lay images from any other. */
export interface FrameSettings {
  /** Side of the model's square, in pixels. */
  readonly side: number;
  /** How images are fitted. */
  readonly fit: Fit;
  /** Rows and columns, such as `2x3`; `auto`; `1x1` without tiles. */
  readonly tile: string;
  /** Least overlap; 0 without tiles. */
  readonly overlap: number;
  /** SHA-256 of each region of interest, by category; absent without any. */
  readonly regions?: Readonly<Record<string, string>>;
}

/** How they are read from JSON. */
export const FRAME_SETTINGS: z.ZodType<FrameSettings> = z.strictObject({
  side: z.int("an integer").min(1, "at least 1"),
  fit: z.enum(["stretch", "pad", "crop"], "stretch, pad or crop"),
  tile: z.string("a text").regex(/^(auto|\d+x\d+)$/, "auto or such as 2x3"),
  overlap: z.number("a number").min(0, "at least 0").max(0.9, "at most 0.9"),
  regions: z.record(z.string(), z.string("a text"), "an object")
    .exactOptional(),
}, "an object");

/** How many images were seen in so many tiles, such as `2x3`. */
export type TilesSeen = Readonly<Record<string, number>>;

/**
 * Counts in which tiles images are seen where their size decides.
 *
 * @param images Their categories and sizes, and how many are so; those of
 * unknown size are left out.
 * @param settings How they are laid.
 * @returns By category.
 */
export function countTiles(
  images: Iterable<
    & { readonly category: string; readonly count?: number }
    & {
      readonly [K in keyof ImageSize]: number | null;
    }
  >,
  { side, fit, overlap }: Pick<FrameRules, "side" | "fit" | "overlap">,
): Record<string, TilesSeen> {
  const rules: FrameRules = { side, fit, overlap, tile: "auto" };
  const counts: Record<string, Record<string, number>> = {};
  for (const { category, width, height, count = 1 } of images) {
    if (width === null || height === null) continue;
    const { rows, columns } = planFrame({ width, height }, rules).tiles;
    const name = `${rows}x${columns}`;
    const found = counts[category] ??= {};
    found[name] = (found[name] ?? 0) + count;
  }
  return counts;
}
