/**
 * The flags that say how images are laid before a model.
 *
 * @module
 */
import { join, relative } from "node:path";
import {
  ALL_CATEGORIES,
  type FramingOptions,
  type Regions,
} from "../../lib/framing/framing.ts";
import { FrameError, type TileCount } from "../../lib/framing/frame.ts";
import { ImageDecodeError, type Mask } from "../../lib/image/image.ts";
import { decodeMask } from "../../lib/image/mask.ts";
import { isMissing } from "../../lib/files/is_there.ts";
import { printable } from "../../lib/report/format.ts";
import type { FlagValues } from "../cli/flags.ts";
import { UsageError } from "../cli/usage_error.ts";

/** Flags of every verb that scores images. */
export const FRAME_FLAGS = {
  tile: {
    kind: "text",
    value: "RxC|auto",
    help:
      "See each image in R rows and C columns of tiles, such as 2x3, for small defects in large or long images; auto chooses by the size of each image, at most 64",
  },
  overlap: {
    kind: "number",
    needs: ["tile"],
    min: 0,
    max: 0.9,
    help: "Least part of a tile that it shares with the next one (default 0.2)",
  },
  fit: {
    kind: "choice",
    choices: ["stretch", "pad", "crop"],
    default: "stretch",
    help:
      "How an image is fitted to the model's square, or to its tiles: stretched, kept whole in its proportions, or cut to its middle",
  },
  roi: {
    kind: "text",
    value: "FILE|DIR",
    help:
      "Region of interest: a mask in the size of the images, outside whose white part nothing counts; a folder has CATEGORY.png for each category",
  },
} as const;

/** What {@linkcode FRAME_FLAGS} read as. */
export type FrameFlags = FlagValues<typeof FRAME_FLAGS>;

const TILE = /^([1-9]\d{0,2})x([1-9]\d{0,2})$/;

function tileOf(text: string | undefined): TileCount | "auto" | undefined {
  if (text === undefined || text === "auto") return text;
  const [, rows, columns] = TILE.exec(text) ?? [];
  if (rows !== undefined && columns !== undefined) {
    return { rows: Number(rows), columns: Number(columns) };
  }
  throw new UsageError(
    `Cannot read --tile as it must be auto, or rows and columns from 1 to 999 such as 2x3: current value is ${
      JSON.stringify(text)
    }`,
  );
}

function cannotRead(path: string, reason: string): UsageError {
  return new UsageError(printable(`Cannot read --roi as ${path} ${reason}`));
}

async function readRegion(path: string): Promise<Mask> {
  let mask: Mask;
  try {
    mask = await decodeMask(await Deno.readFile(path));
  } catch (error) {
    if (!(error instanceof ImageDecodeError)) throw error;
    throw cannotRead(path, `must be an image: ${error.message}`);
  }
  if (mask.data.includes(1)) return mask;
  throw cannotRead(path, "must have a white part: it is black");
}

async function* filesBelow(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (name.startsWith(".")) continue;
    const path = join(folder, name);
    if (isDirectory) yield* filesBelow(path);
    else yield path;
  }
}

/** `masks/line 2/nut.png` in `masks` is of the category `line 2/nut`. */
function categoryOf(folder: string, path: string): string {
  return relative(folder, path).replaceAll("\\", "/").replace(/\.[^./]*$/, "");
}

async function readFolder(folder: string): Promise<Map<string, Mask>> {
  const regions = new Map<string, Mask>();
  for await (const path of filesBelow(folder)) {
    const category = categoryOf(folder, path);
    if (regions.has(category)) {
      throw cannotRead(folder, `must have one mask of "${category}"`);
    }
    regions.set(category, await readRegion(path));
  }
  return regions;
}

/** Names that do not meet are a mistake, or a region that is missing. */
function assertKnown(
  folder: string,
  regions: Regions,
  categories: readonly string[],
): void {
  const lacking = categories.filter((category) => !regions.has(category));
  if (lacking.length === categories.length) {
    const some = lacking.slice(0, 4).join(", ");
    throw cannotRead(
      folder,
      `must have a mask such as CATEGORY.png for a category of the images, which are ${some}: it has none`,
    );
  }
  const other = [...regions.keys()].filter((name) =>
    !categories.includes(name)
  );
  if (lacking.length > 0) {
    console.error(
      printable(
        `Note: no region of interest for ${
          lacking.join(", ")
        }, of which all counts`,
      ),
    );
  }
  if (other.length > 0) {
    console.error(
      printable(
        `Note: no images of ${
          other.join(", ")
        }, for which there is a region of interest`,
      ),
    );
  }
}

async function regionsOf(
  path: string,
  categories: readonly string[] | undefined,
): Promise<Regions> {
  let info: Deno.FileInfo;
  try {
    info = await Deno.stat(path);
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw cannotRead(path, "must be a file or a folder: nothing was found");
  }
  if (!info.isDirectory) {
    return new Map([[ALL_CATEGORIES, await readRegion(path)]]);
  }
  const regions = await readFolder(path);
  if (regions.size === 0) {
    throw cannotRead(path, "must have a mask: it is empty");
  }
  if (categories !== undefined) assertKnown(path, regions, categories);
  return regions;
}

/**
 * Reads how images are laid before the model.
 *
 * @param flags The flags.
 * @param categories Those of the images; undefined where any may come, or that
 * was asked before.
 * @returns The options of a detector.
 * @throws {UsageError} If a flag or a region of interest cannot be used.
 */
export async function framingOptions(
  { tile, overlap, fit, roi }: Partial<FrameFlags>,
  categories?: readonly string[],
): Promise<FramingOptions> {
  return {
    tile: tileOf(tile),
    overlap,
    fit,
    ...roi !== undefined && { regions: await regionsOf(roi, categories) },
  };
}

/**
 * Does what may refuse tiles for their number, which is wrong usage.
 *
 * @throws {UsageError} If it does.
 */
export async function orWrongUsage<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof FrameError)) throw error;
    throw new UsageError(error.message, { cause: error });
  }
}
