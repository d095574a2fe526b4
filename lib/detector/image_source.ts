/**
 * Images from wherever a program has them.
 *
 * @module
 */
import { readPlainFile } from "../files/plain_file.ts";
import {
  type DecodedImage,
  decodeImage,
  type DecodeOptions,
} from "../image/decode.ts";
import { ImageDecodeError, type RgbImage } from "../image/image.ts";

/**
 * An image: the path or URL of a file, its bytes, or decoded pixels. A string
 * that starts with `https:`, `http:`, `file:`, `data:` or `blob:` is a URL.
 */
export type ImageSource =
  | string
  | URL
  | Blob
  | Uint8Array
  | ArrayBuffer
  | RgbImage;

/** Options of {@linkcode readImage}. */
export interface ReadImageOptions extends DecodeOptions {
  /** Ends reading and fetching, with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Thrown when an image cannot be fetched from its URL. */
export class ImageFetchError extends Error {
  /** The name that stack traces show. */
  override name = "ImageFetchError";
}

/** The most bytes that are fetched, because a server may never end. */
const MAX_BYTES = 2 ** 30;

/** A string that is a URL; a drive of Windows has one letter. */
const ADDRESS = /^(https?|file|data|blob):/i;

/** What errors call an image. */
function nameOf(source: ImageSource): string {
  if (typeof source !== "string" && !(source instanceof URL)) {
    return "the image";
  }
  const name = String(source);
  return name.startsWith("data:") ? "the image" : name;
}

function cannotFetch(url: URL, reason: string, cause?: unknown): never {
  const message = `Cannot fetch ${url} as ${reason}`;
  throw new ImageFetchError(message, { cause });
}

async function bodyOf(url: URL, response: Response): Promise<Uint8Array> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > MAX_BYTES) {
      cannotFetch(url, `it must have at most ${MAX_BYTES} bytes`);
    }
  }
  return await new Blob(chunks).bytes();
}

async function fetchBytes(
  url: URL,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  try {
    const response = await fetch(url, { signal: signal ?? null });
    if (response.ok) return await bodyOf(url, response);
    await response.body?.cancel();
    const { status, statusText } = response;
    const answer = `${status} ${statusText}`.trimEnd();
    cannotFetch(url, `the server must answer 200: current value is ${answer}`);
  } catch (error) {
    // What fetch() throws when the network or the address is at fault.
    if (!(error instanceof TypeError)) throw error;
    cannotFetch(url, error.message, error);
  }
}

async function readBytes(
  source: Exclude<ImageSource, RgbImage>,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  if (source instanceof Uint8Array) return source;
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  if (source instanceof Blob) return await source.bytes();
  const options = { ...signal !== undefined && { signal } };
  if (typeof source === "string" && !ADDRESS.test(source)) {
    return await readPlainFile(source, options);
  }
  const url = new URL(source);
  return url.protocol === "file:"
    ? await readPlainFile(url, options)
    : await fetchBytes(url, signal);
}

function isDecoded(source: ImageSource): source is RgbImage {
  return typeof source === "object" && "width" in source;
}

function assertPixels({ width, height, data }: RgbImage): void {
  const expected = width * height * 3;
  if (expected > 0 && data.length === expected) return;
  throw new TypeError(
    `Cannot use an image as its data must hold width x height x 3 bytes: ` +
      `current value is ${data.length} bytes for ${width} x ${height}`,
  );
}

/**
 * Reads and decodes an image.
 *
 * @returns The image; of a file, also what {@linkcode DecodedImage} tells.
 * @param source Where the image is, or what it is.
 * @param options The bit depth, the limit on pixels, and how to stop.
 * @throws {ImageDecodeError} If it is not an image that this package decodes.
 * @throws {ImageFetchError} If it cannot be fetched.
 * @throws {TypeError} If decoded pixels do not fit their size.
 * @throws {Deno.errors.NotFound} If there is no such file.
 * @throws {Deno.errors.NotCapable} If the program may not read or fetch it.
 */
export async function readImage(
  source: ImageSource,
  { signal, ...decoding }: ReadImageOptions = {},
): Promise<RgbImage & Partial<DecodedImage>> {
  signal?.throwIfAborted();
  if (isDecoded(source)) {
    assertPixels(source);
    return source;
  }
  try {
    return await decodeImage(await readBytes(source, signal), decoding);
  } catch (error) {
    if (!(error instanceof ImageDecodeError)) throw error;
    error.message = error.message.replace(
      "decode the image",
      `decode ${nameOf(source)}`,
    );
    throw error;
  }
}
