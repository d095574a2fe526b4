/**
 * The far side of a {@linkcode DecodePool}: decodes and resizes images, so that
 * the caller's event loop stays free.
 *
 * @module
 */
import {
  type DecodedImage,
  type DecodeOptions,
  openImage,
} from "../image/decode.ts";
import {
  ImageDecodeError,
  type ImageDecodeReason,
  type ImageSize,
} from "../image/image.ts";
import { loadSharp } from "../image/load_sharp.ts";
import { free } from "../native_memory.ts";
import { resizeBicubic } from "../image/resample.ts";
import {
  type Frame,
  frameImage,
  type FrameImageOptions,
} from "./frame_image.ts";

/** An image to decode. */
export interface DecodeRequest {
  /** The file's bytes. */
  readonly bytes: Uint8Array;
  /** How to decode it, and the limits. */
  readonly options: DecodeOptions;
  /** Side of the square that the image is resized to, in pixels. */
  readonly side: number;
  /** How the image is laid in tiles, where it is not one square. */
  readonly frame?: FrameImageOptions | undefined;
  /** Whether the image in its own size is wanted too. */
  readonly keepImage: boolean;
}

/** An image at the model's resolution. */
export interface ResizedImage extends Omit<DecodedImage, "data"> {
  /** RGB bytes of the resized image; of all tiles where it is laid in some. */
  readonly pixels: Uint8Array; // [side, side, 3] or [T, side, side, 3]
  /** Where the tiles lie. */
  readonly frame?: Frame | undefined;
  /** RGB bytes in the image's own size, where they were asked for. */
  readonly data?: Uint8Array; // [height, width, 3]
}

/** Whether there is memory for the image whose size the worker told. */
export interface DecodePermit {
  /** False where nobody waits for the image any more. */
  readonly isGranted: boolean;
}

/**
 * What the worker answers: the size of the image, as soon as its header is
 * read, and then the image or why there is none.
 */
export type DecodeResponse =
  | { readonly size: ImageSize }
  | { readonly image: ResizedImage }
  | { readonly error: string; readonly reason?: ImageDecodeReason };

/** The part of a worker's global scope that is used here. */
interface WorkerScope {
  onmessage:
    | ((event: MessageEvent<DecodeRequest | DecodePermit>) => void)
    | null;
  postMessage(message: DecodeResponse, transfer: Transferable[]): void;
}

const scope = globalThis as unknown as WorkerScope;

/** Called with the answer to the size that was told last. */
let permit: (isGranted: boolean) => void = () => {};

/** Tells the size of an image, and waits until there is memory for it. */
async function askFor({ width, height }: ImageSize): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  permit = resolve;
  scope.postMessage({ size: { width, height } }, []);
  if (await promise) return;
  throw new Error("Cannot decode the image as nobody waits for it");
}

async function resize(request: DecodeRequest): Promise<ResizedImage> {
  const { bytes, options, side, frame, keepImage } = request;
  const file = await openImage(bytes, options);
  await askFor(file);
  const { data, ...told } = await file.decode();
  const image = { width: told.width, height: told.height, data };
  const laid = frame === undefined
    ? { pixels: resizeBicubic(image, side, side).data }
    : frameImage(image, frame);
  if (!keepImage) {
    if (laid.pixels.buffer !== data.buffer) free(data);
    return { ...told, ...laid };
  }
  // An image of the model's size is not resized: both would be one buffer.
  const pixels = laid.pixels === data ? data.slice() : laid.pixels;
  return { ...told, ...laid, data, pixels };
}

function buffersOf({ pixels, data }: ResizedImage): Transferable[] {
  const arrays = data === undefined ? [pixels] : [pixels, data];
  return arrays.map(({ buffer }) => buffer as ArrayBuffer);
}

async function answer(request: DecodeRequest): Promise<void> {
  try {
    const image = await resize(request);
    scope.postMessage({ image }, buffersOf(image));
  } catch (error) {
    const { message } = error as Error;
    const response = error instanceof ImageDecodeError
      ? { error: message, reason: error.reason }
      : { error: message };
    scope.postMessage(response, []);
  }
}

// The first image then waits less; what fails is told when it is decoded.
loadSharp().catch(() => {});

scope.onmessage = ({ data }) => {
  if ("isGranted" in data) permit(data.isGranted);
  else answer(data);
};
