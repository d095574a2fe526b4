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
import { ImageDecodeError, type ImageSize, type Mask } from "../image/image.ts";
import { decodeMask } from "../image/mask.ts";
import { turnMask } from "../image/orientation.ts";
import type { Item } from "./layouts/layout.ts";
import { DataSetError, type Sample } from "./sample.ts";

/** How to read the files of an item. */
export interface ItemFiles {
  /** Reads the image's file. */
  readonly image: () => Promise<Uint8Array>;
  /** Reads the mask's file. */
  readonly mask: () => Promise<Uint8Array>;
}

/** The image as it is decoded, and how EXIF turned it. */
type Shown = ImageSize & Pick<DecodedImage, "orientation">;

/** A damaged entry of an archive is the fault of one image, not of the set. */
async function readBytes(
  read: () => Promise<Uint8Array>,
): Promise<Uint8Array> {
  try {
    return await read();
  } catch (error) {
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
  let known: Shown | undefined;
  const image = async (): Promise<DecodedImage> => {
    const decoded = await decodeImage(await readBytes(files.image), options);
    const { width, height, orientation } = decoded;
    known = { width, height, orientation };
    return decoded;
  };
  const mask = async (): Promise<Mask> => {
    const decoded = await decodeMask(await readBytes(files.mask), options);
    known ??= await openImage(await readBytes(files.image), options);
    const turned = turnLike(decoded, known);
    assertSameSize(key, turned, known);
    return turned;
  };
  return {
    key,
    category,
    label,
    defect,
    image,
    mask: item.mask === null ? null : mask,
  };
}

/** A mask in the size as stored was drawn before the image was turned. */
function turnLike(mask: Mask, { width, height, orientation }: Shown): Mask {
  const isStored = mask.width === height && mask.height === width;
  return orientation > 4 && isStored && width !== height
    ? turnMask(mask, orientation)
    : mask;
}

function assertSameSize(key: string, mask: ImageSize, image: ImageSize): void {
  if (mask.width === image.width && mask.height === image.height) return;
  throw new ImageDecodeError(
    `Cannot use the mask of ${key} as it must have the size of its image, ${image.width} x ${image.height}: current value is ${mask.width} x ${mask.height}`,
  );
}
