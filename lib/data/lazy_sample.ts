/**
 * Items of a listing as samples that decode when asked.
 *
 * @module
 */
import {
  type DecodedImage,
  decodeImage,
  type DecodeOptions,
  openImage,
} from "../image/decode.ts";
import { ImageDecodeError } from "../image/image.ts";
import { readGroundTruth, type ShownSize } from "./ground_truth.ts";
import type { Item } from "./layouts/layout.ts";
import {
  DataSetError,
  type DecodeFile,
  type GroundTruth,
  type LaidFile,
  type Sample,
} from "./sample.ts";

/** How to read the files of an item. */
export interface ItemFiles {
  /** Reads the image's file. */
  readonly image: () => Promise<Uint8Array>;
  /** Reads the file of one of its masks. */
  readonly mask: (path: string) => Promise<Uint8Array>;
}

function isMissing(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound ||
    error instanceof Deno.errors.FilesystemLoop;
}

/** A damaged entry of an archive is the fault of one image, not of the set. */
async function readImageFile(
  key: string,
  read: () => Promise<Uint8Array>,
): Promise<Uint8Array> {
  try {
    return await read();
  } catch (error) {
    if (isMissing(error)) {
      const found = key.includes("\ufffd")
        ? "its name is not UTF-8"
        : "nothing was found, or a link to nothing";
      throw new ImageDecodeError(
        `Cannot read ${key} as there must be a file: ${found}`,
        { cause: error },
      );
    }
    if (!(error instanceof DataSetError)) throw error;
    throw new ImageDecodeError(error.message, { cause: error });
  }
}

/**
 * Makes a sample that decodes its files when asked.
 *
 * @param item What the layout says.
 * @param files How to read the item's files.
 * @param options How to decode them.
 * @returns The sample; its mask is checked against the image's size.
 */
export function toSample(
  item: Item,
  files: ItemFiles,
  options: DecodeOptions,
): Sample {
  const { key, category, label, defect } = item;
  let known: ShownSize | undefined;
  function image(): Promise<DecodedImage>;
  function image<T>(decode: DecodeFile<T>): Promise<T & LaidFile>;
  async function image(
    decode: DecodeFile<unknown> | typeof decodeImage = decodeImage,
  ) {
    const bytes = await readImageFile(key, files.image);
    const decoded = await decode(bytes, options);
    const { width, height, orientation } = decoded;
    known = { width, height, orientation };
    return decoded;
  }
  const sizeOf = async (): Promise<ShownSize> =>
    known ??= await openImage(await readImageFile(key, files.image), options);
  const mask = (): Promise<GroundTruth> =>
    readGroundTruth(item, { sizeOf, read: files.mask }, options);
  return {
    key,
    category,
    label,
    defect,
    image,
    mask: item.masks.length === 0 ? null : mask,
  };
}
