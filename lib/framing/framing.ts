/**
 * How the images of a run are laid before a model, and what tells it from any
 * other way.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { Mask, RgbImage } from "../image/image.ts";
import {
  assertTiles,
  type Fit,
  FrameError,
  type FrameRules,
  type TileCount,
} from "./frame.ts";
import type { FrameSettings } from "./frame_settings.ts";
import { type FramedImage, frameImage } from "./frame_image.ts";

/** Regions of interest by category; one of name "*" is for all others. */
export type Regions = ReadonlyMap<string, Mask>;

/** The name of the region of all categories that have none of their own. */
export const ALL_CATEGORIES = "*";

/** Options of {@linkcode Framing}. */
export interface FramingOptions {
  /**
   * How images are fitted to the model's square, or to the rectangle of their
   * tiles: stretched, kept whole in their proportions, or cut to their middle.
   *
   * @default {"stretch"}
   */
  readonly fit?: Fit | undefined;
  /**
   * In how many tiles images are seen; `auto` chooses by the size of each.
   *
   * @default {one}
   */
  readonly tile?: TileCount | "auto" | undefined;
  /**
   * Least part of a tile that it shares with the next one, 0 to 0.9.
   *
   * @default {0.2}
   */
  readonly overlap?: number | undefined;
  /**
   * Regions of interest, in pixels of upright images: 1 where they count.
   *
   * @default {none}
   */
  readonly regions?: Regions | undefined;
}

/** The overlap where none is asked for. */
export const DEFAULT_OVERLAP = 0.2;

const ONE: TileCount = { rows: 1, columns: 1 };

function isOne(tile: TileCount | "auto"): boolean {
  return tile !== "auto" && tile.rows * tile.columns === 1;
}

function regionHash({ width, height, data }: Mask): string {
  return createHash("sha256").update(`${width}x${height}\0`).update(data)
    .digest("hex");
}

/**
 * What tells a way to lay images from any other.
 *
 * @param options The options.
 * @param side Side of the model's square, in pixels.
 * @returns The settings; undefined where images are only stretched, as ever.
 */
function settingsOf(
  { fit = "stretch", tile = ONE, overlap = DEFAULT_OVERLAP, regions }:
    FramingOptions,
  side: number,
): FrameSettings | undefined {
  const hasRegions = regions !== undefined && regions.size > 0;
  if (fit === "stretch" && isOne(tile) && !hasRegions) return undefined;
  return {
    side,
    fit,
    tile: tile === "auto" ? tile : `${tile.rows}x${tile.columns}`,
    overlap: isOne(tile) ? 0 : overlap,
    ...hasRegions && {
      regions: Object.fromEntries(
        [...regions].sort(([a], [b]) => a < b ? -1 : 1)
          .map(([category, mask]) => [category, regionHash(mask)] as const),
      ),
    },
  };
}

function assertCounts({ rows, columns }: TileCount): void {
  for (const count of [rows, columns]) {
    if (Number.isInteger(count) && count >= 1) continue;
    throw new FrameError(
      `Cannot lay tiles as their rows and columns must be positive integers: ` +
        `current value is ${rows} x ${columns}`,
    );
  }
}

function assertOptions({ tile = ONE, overlap = 0 }: FramingOptions): void {
  if (tile !== "auto") assertCounts(tile);
  if (overlap >= 0 && overlap <= 0.9) return;
  throw new FrameError(
    `Cannot lay tiles as their overlap must lie between 0 and 0.9: current ` +
      `value is ${overlap}`,
  );
}

/** Lays the images of a run before a model. */
export class Framing {
  /** What tells it from any other way. */
  readonly settings: FrameSettings;
  readonly #rules: FrameRules;
  readonly #regions: Regions;

  private constructor(
    settings: FrameSettings,
    rules: FrameRules,
    regions: Regions,
  ) {
    this.settings = settings;
    this.#rules = rules;
    this.#regions = regions;
  }

  /**
   * Makes the framing that options ask for.
   *
   * @param options The options.
   * @param side Side of the model's square, in pixels.
   * @returns The framing; undefined where images are only stretched, as ever.
   * @throws {FrameError} If an option is out of range, or tiles are too many.
   */
  static of(options: FramingOptions, side: number): Framing | undefined {
    assertOptions(options);
    const settings = settingsOf(options, side);
    if (settings === undefined) return undefined;
    const { tile = ONE, regions = new Map() } = options;
    const { fit, overlap } = settings;
    if (tile !== "auto") assertTiles(tile, { side, overlap });
    return new Framing(settings, { side, fit, tile, overlap }, regions);
  }

  /** How an image of a category is laid; plain data, fit for a worker. */
  optionsOf(category: string): FrameRules & { readonly region?: Mask } {
    const region = this.#regions.get(category) ??
      this.#regions.get(ALL_CATEGORIES);
    return { ...this.#rules, ...region !== undefined && { region } };
  }

  /** What tells how images of a category are laid from any other way. */
  identityOf(category: string): string {
    const { regions = {}, ...rest } = this.settings;
    const region = regions[category] ?? regions[ALL_CATEGORIES];
    return JSON.stringify({ ...rest, ...region !== undefined && { region } });
  }

  /**
   * Lays an image before the model.
   *
   * @throws {ImageDecodeError} If the region of interest does not fit it, or it
   * is too long.
   */
  frame(image: RgbImage, category: string): FramedImage {
    return frameImage(image, this.optionsOf(category));
  }
}
