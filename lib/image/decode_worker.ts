/**
 * The far side of a {@linkcode DecodePool}: decodes and resizes images, so that
 * the caller's event loop stays free.
 *
 * @module
 */
import {
  type DecodedImage,
  decodeImage,
  type DecodeOptions,
} from "./decode.ts";
import { ImageDecodeError, type ImageDecodeReason } from "./image.ts";
import { resizeBicubic } from "./resample.ts";

/** What the worker is sent. */
export interface DecodeRequest {
  /** The file's bytes. */
  readonly bytes: Uint8Array;
  /** How to decode it, and the limits. */
  readonly options: DecodeOptions;
  /** Side of the square that the image is resized to, in pixels. */
  readonly side: number;
  /** Whether the image in its own size is wanted too. */
  readonly keepImage: boolean;
}

/** An image at the model's resolution. */
export interface ResizedImage extends Omit<DecodedImage, "data"> {
  /** RGB bytes of the resized image. */
  readonly pixels: Uint8Array; // [side, side, 3]
  /** RGB bytes in the image's own size, where they were asked for. */
  readonly data?: Uint8Array; // [height, width, 3]
}

/** What the worker answers. */
export type DecodeResponse =
  | { readonly image: ResizedImage }
  | { readonly error: string; readonly reason?: ImageDecodeReason };

/** The part of a worker's global scope that is used here. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<DecodeRequest>) => void) | null;
  postMessage(message: DecodeResponse, transfer: Transferable[]): void;
}

const scope = globalThis as unknown as WorkerScope;

async function resize(request: DecodeRequest): Promise<ResizedImage> {
  const { bytes, options, side, keepImage } = request;
  const { data, ...told } = await decodeImage(bytes, options);
  const image = { width: told.width, height: told.height, data };
  const { data: pixels } = resizeBicubic(image, side, side);
  if (!keepImage) return { ...told, pixels };
  // An image of the model's size is not resized: both would be one buffer.
  return { ...told, data, pixels: pixels === data ? data.slice() : pixels };
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

scope.onmessage = ({ data }) => {
  answer(data);
};
