/**
 * From good images to what the network makes of them.
 *
 * @module
 */
import { ahead } from "../async/ahead.ts";
import { DataSetError } from "../data/sample.ts";
import { ImageDecodeError, type RgbImage } from "../image/image.ts";
import type { GoodImage } from "../references/learn_memory.ts";
import { MOST_TILES } from "../references/memory.ts";
import type { FramedInput } from "./detect_tiles.ts";
import {
  type ImageSource,
  readImage,
  type ReadImageOptions,
} from "./image_source.ts";

/** An image with a name, for messages and for the list of good images. */
export interface NamedImage {
  /** What it is called. */
  readonly name: string;
  /** The image, or how to read it. */
  readonly image: ImageSource | (() => Promise<RgbImage>);
}

/** Good images of one product. */
export type GoodImages =
  | Iterable<ImageSource | NamedImage>
  | AsyncIterable<ImageSource | NamedImage>;

/** Options of {@linkcode learnImages}. */
export interface LearnImagesOptions extends ReadImageOptions {
  /** The product. */
  readonly category: string;
  /** How many images are seen side by side. */
  readonly sessions: number;
  /** Lays an image before the model. */
  readonly prepare: (image: RgbImage) => FramedInput;
  /** What the network makes of a good image. */
  readonly look: (
    input: FramedInput & { readonly key: string },
  ) => Promise<GoodImage>;
}

function isNamed(image: ImageSource | NamedImage): image is NamedImage {
  return typeof image === "object" && "name" in image && "image" in image;
}

/** A path or URL is a name; other images are numbered from 1. */
function named(image: ImageSource | NamedImage, number: number): NamedImage {
  if (isNamed(image)) return image;
  const isPlace = typeof image === "string" || image instanceof URL;
  return { name: isPlace ? String(image) : `image ${number}`, image };
}

/** What is learned of each tile is held until the last one is seen. */
function assertTiles(images: readonly GoodImage[], category: string): void {
  const tiles = images.reduce((sum, image) => sum + image.tiles.length, 0);
  // Whole images have a limit, and a message, of their own.
  if (tiles <= MOST_TILES || tiles === images.length) return;
  throw new DataSetError(
    `Cannot learn the good images of "${category}" as they must have at most ` +
      `${MOST_TILES} tiles together: the first ${images.length} have ` +
      `${tiles} (--shots takes fewer)`,
  );
}

function unreadable(
  cause: unknown,
  { name, category }: { readonly name: string; readonly category: string },
): DataSetError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new DataSetError(
    `Cannot learn the good images of "${category}" as each must be ` +
      `readable: ${name} is not (${reason})`,
    { cause },
  );
}

async function read(
  { name, image }: NamedImage,
  category: string,
  options: ReadImageOptions,
): Promise<RgbImage> {
  try {
    return typeof image === "function"
      ? await image()
      : await readImage(image, options);
  } catch (cause) {
    options.signal?.throwIfAborted();
    throw unreadable(cause, { name, category });
  }
}

/** A region of interest may not fit the image. */
function laid(
  prepare: () => FramedInput,
  name: string,
  category: string,
): FramedInput {
  try {
    return prepare();
  } catch (cause) {
    if (!(cause instanceof ImageDecodeError)) throw cause;
    throw unreadable(cause, { name, category });
  }
}

/**
 * Shows good images to a network, one at a time to each of its sessions. The
 * result does not depend on the number of sessions.
 *
 * @throws {DataSetError} If an image cannot be read; the message names it.
 */
export async function learnImages(
  images: GoodImages,
  { category, sessions, prepare, look, ...reading }: LearnImagesOptions,
): Promise<GoodImage[]> {
  const numbered = async function* () {
    let number = 1;
    for await (const image of images) yield named(image, number++);
  };
  const see = async (image: NamedImage) => {
    const decoded = await read(image, category, reading);
    const input = laid(() => prepare(decoded), image.name, category);
    return await look({ ...input, key: image.name });
  };
  const seen: GoodImage[] = [];
  for await (const image of ahead(numbered(), see, sessions)) {
    reading.signal?.throwIfAborted();
    seen.push(image);
    assertTiles(seen, category);
  }
  return seen;
}
