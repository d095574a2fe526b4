/**
 * The mask of one image, put together from all its parts.
 *
 * @module
 */
import type { DecodedImage } from "../image/decode.ts";
import { ImageDecodeError, type ImageSize, type Mask } from "../image/image.ts";
import {
  type DecodedMask,
  decodeMask,
  type MaskOptions,
} from "../image/mask.ts";
import { turnMask } from "../image/orientation.ts";
import { drawShapes } from "./draw_shapes.ts";
import type { Item } from "./layouts/layout.ts";
import type { AbsentMask, MaskPart, Shape } from "./mask_part.ts";
import {
  DataSetError,
  type GroundTruth,
  MaskError,
  type MaskNote,
} from "./sample.ts";

/** The size of an image as it is decoded, and how EXIF turned it. */
export type ShownSize = ImageSize & Pick<DecodedImage, "orientation">;

/** How to read what a mask is made of. */
export interface GroundTruthFiles {
  /** The size of the image. */
  readonly sizeOf: () => Promise<ShownSize>;
  /** Reads a mask's file. */
  readonly read: (path: string) => Promise<Uint8Array>;
}

/** A mask over more than this part of its image is mostly an inverted one. */
const LARGE = 0.9;

function isAbsent(part: MaskPart): part is AbsentMask {
  return typeof part === "object" && "absent" in part;
}

function isShape(part: MaskPart): part is Shape {
  return typeof part === "object" && !("absent" in part);
}

function absent(key: string, path: string, cause?: unknown): MaskError {
  return new MaskError(
    "absent",
    `Cannot use the mask of ${key} as its file must exist: nothing was found at ${path}`,
    { cause },
  );
}

async function decode(
  key: string,
  path: string,
  options: MaskOptions & Pick<GroundTruthFiles, "read">,
): Promise<DecodedMask> {
  try {
    return await decodeMask(await options.read(path), options);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw absent(key, path, error);
    const isItsFault = error instanceof ImageDecodeError ||
      error instanceof DataSetError;
    if (!isItsFault || error instanceof MaskError) throw error;
    throw new MaskError("unreadable", error.message, { cause: error });
  }
}

function assertSameSize(key: string, mask: ImageSize, image: ImageSize): void {
  if (mask.width === image.width && mask.height === image.height) return;
  throw new MaskError(
    "other_size",
    `Cannot use the mask of ${key} as it must have the size of its image, ${image.width} x ${image.height}: current value is ${mask.width} x ${mask.height}`,
  );
}

/** A mask in the size as stored was drawn before the image was turned. */
function turnLike(
  mask: DecodedMask,
  { width, height, orientation }: ShownSize,
): Mask {
  const isStored = mask.width === height && mask.height === width;
  return orientation > 4 && isStored && width !== height
    ? turnMask(mask, orientation)
    : mask;
}

/** Shapes whose file says the size as stored were drawn before turning. */
function isDrawnAsStored(
  shapes: readonly Shape[],
  { width, height, orientation }: ShownSize,
): boolean {
  return orientation > 4 && width !== height &&
    shapes.every(({ size }) => size?.[0] === height && size[1] === width);
}

function drawn(
  key: string,
  shapes: readonly Shape[],
  shown: ShownSize,
): Mask {
  const isStored = shapes.length > 0 && isDrawnAsStored(shapes, shown);
  const [width, height] = isStored
    ? [shown.height, shown.width]
    : [shown.width, shown.height];
  const mask = { width, height, data: new Uint8Array(width * height) };
  try {
    drawShapes(shapes, mask);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new MaskError("other_size", `${key}: ${error.message}`, {
      cause: error,
    });
  }
  return isStored ? turnMask(mask, shown.orientation) : mask;
}

/** Whether a mask may have been drawn before its image was turned, or after. */
function isUnclear(
  decoded: readonly DecodedMask[],
  { width, height, orientation }: ShownSize,
): boolean {
  if (orientation === 1) return false;
  // From 5 on, the sides change places: a file says by them how it was drawn.
  return orientation < 5 || width === height || decoded.length === 0;
}

/** What is noted of the files of a mask, without its size. */
function fileNotes(
  decoded: readonly DecodedMask[],
  shown: ShownSize,
): MaskNote[] {
  return [
    ...decoded.some(({ isCut }) => isCut) ? ["grey" as const] : [],
    ...decoded.some(({ isAlpha }) => isAlpha) ? ["alpha" as const] : [],
    ...isUnclear(decoded, shown) ? ["turned_image" as const] : [],
  ];
}

function sizeNotes(key: string, data: Uint8Array): MaskNote[] {
  let lit = 0;
  for (const value of data) lit += value;
  if (lit === 0) {
    throw new MaskError(
      "empty",
      `Cannot use the mask of ${key} as it must mark a defect: current value is a mask without a marked pixel`,
    );
  }
  return lit > LARGE * data.length ? ["large"] : [];
}

/**
 * Reads all parts of the mask of an image and joins them.
 *
 * @param item The image and its masks.
 * @param files How to read them.
 * @param options The limit on pixels.
 * @returns The mask, with what should be known of it.
 * @throws {MaskError} If a part is not there or cannot be read, is of another
 * size than the image, or all are without a marked pixel.
 */
export async function readGroundTruth(
  { key, masks }: Pick<Item, "key" | "masks">,
  files: GroundTruthFiles,
  options: MaskOptions,
): Promise<GroundTruth> {
  const missing = masks.find(isAbsent);
  if (missing !== undefined) throw absent(key, missing.absent);
  const decoded: DecodedMask[] = [];
  for (const part of masks) {
    if (typeof part !== "string") continue;
    decoded.push(await decode(key, part, { ...options, read: files.read }));
  }
  const shown = await files.sizeOf();
  const { width, height } = shown;
  const { data } = drawn(key, masks.filter(isShape), shown);
  for (const mask of decoded.map((mask) => turnLike(mask, shown))) {
    assertSameSize(key, mask, shown);
    for (let i = 0; i < data.length; i++) data[i]! |= mask.data[i]!;
  }
  const notes = [...sizeNotes(key, data), ...fileNotes(decoded, shown)];
  return { width, height, data, notes };
}
