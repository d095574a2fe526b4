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
  readImageSize,
} from "../image/decode.ts";
import type { FramedFile, FramedInput } from "./detect_tiles.ts";
import {
  ImageDecodeError,
  type ImageSize,
  type RgbImage,
} from "../image/image.ts";

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

/** Decodes, and calls the image by its name where it cannot be decoded. */
async function orNamed<T>(
  source: Exclude<ImageSource, RgbImage>,
  decode: (bytes: Uint8Array) => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  try {
    return await decode(await readBytes(source, signal));
  } catch (error) {
    if (!(error instanceof ImageDecodeError)) throw error;
    error.message = error.message.replace(
      "decode the image",
      `decode ${nameOf(source)}`,
    );
    throw error;
  }
}

/** Lays images before a model. */
export interface Layer {
  /** Lays decoded pixels. */
  prepare(image: RgbImage, category: string): FramedInput;
  /** Decodes and lays a file, beside the event loop. */
  decode?(bytes: Uint8Array, options: NamedDecoding): Promise<FramedFile>;
}

/** How a file is decoded, and for which product. */
export type NamedDecoding = ReadImageOptions & { readonly category: string };

/**
 * Files up to these sizes are decoded at once in a few milliseconds. To start
 * two workers takes 1.3 s of processor time, and 50 MB: more than a hundred
 * images of 256 x 256 pixels cost.
 */
const SMALL = { bytes: 256 << 10, side: 512 };

async function isSmall(
  bytes: Uint8Array,
  options: DecodeOptions,
): Promise<boolean> {
  if (bytes.length > SMALL.bytes) return false;
  const { width, height } = await readImageSize(bytes, options);
  return Math.max(width, height) <= SMALL.side;
}

/**
 * Decodes a file and lays the image: here where it is small or the layer does
 * not decode, else where the layer does. The pixels are the same.
 *
 * @throws {ImageDecodeError} If it is not an image that is decoded, or cannot
 * be laid so.
 */
export async function decodeLaid(
  layer: Layer,
  bytes: Uint8Array,
  { category, signal, ...options }: NamedDecoding,
): Promise<FramedFile> {
  if (layer.decode !== undefined && !await isSmall(bytes, options)) {
    return await layer.decode(bytes, { ...options, category, signal });
  }
  const { data, ...told } = await decodeImage(bytes, options);
  const { width, height } = told;
  return { ...told, ...layer.prepare({ width, height, data }, category) };
}

/** An image as a model reads it, and its own size. */
export type LaidSource = FramedInput & ImageSize & Partial<FramedFile>;

/**
 * Reads an image, and lays it before a model.
 *
 * @param source Where the image is, or what it is.
 * @param layer Lays it.
 * @param options The product, how to decode, and how to stop.
 * @throws As {@linkcode readImage} does.
 */
export async function readLaid(
  source: ImageSource,
  layer: Layer,
  options: NamedDecoding,
): Promise<LaidSource> {
  const { signal, category } = options;
  signal?.throwIfAborted();
  if (!isDecoded(source)) {
    const decode = (bytes: Uint8Array) => decodeLaid(layer, bytes, options);
    return await orNamed(source, decode, signal);
  }
  assertPixels(source);
  const { width, height } = source;
  return { width, height, ...layer.prepare(source, category) };
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
  const decode = (bytes: Uint8Array) => decodeImage(bytes, decoding);
  return await orNamed(source, decode, signal);
}
