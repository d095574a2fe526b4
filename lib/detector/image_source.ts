/**
 * Images from wherever a program has them.
 *
 * @module
 */
import { decodeImage, type DecodeOptions } from "../image/decode.ts";
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

async function fetchBytes(url: URL): Promise<Uint8Array> {
  const response = await fetch(url);
  if (!response.ok) {
    await response.body?.cancel();
    throw new ImageDecodeError(
      `Cannot fetch ${url} as the answer must be 200: current value is ` +
        `${response.status} ${response.statusText}`.trimEnd(),
    );
  }
  return await response.bytes();
}

async function readBytes(
  source: Exclude<ImageSource, RgbImage>,
): Promise<Uint8Array> {
  if (source instanceof Uint8Array) return source;
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  if (source instanceof Blob) return await source.bytes();
  if (typeof source === "string" && !ADDRESS.test(source)) {
    return await Deno.readFile(source);
  }
  const url = new URL(source);
  return url.protocol === "file:"
    ? await Deno.readFile(url)
    : await fetchBytes(url);
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
 * @param source Where the image is, or what it is.
 * @param options The bit depth and the limit on pixels.
 * @throws {ImageDecodeError} If it cannot be fetched, or is not an image that
 * this package decodes.
 * @throws {TypeError} If decoded pixels do not fit their size.
 * @throws {Deno.errors.NotFound} If there is no such file.
 * @throws {Deno.errors.NotCapable} If the program may not read or fetch it.
 */
export async function readImage(
  source: ImageSource,
  options: DecodeOptions = {},
): Promise<RgbImage> {
  if (isDecoded(source)) {
    assertPixels(source);
    return source;
  }
  try {
    return await decodeImage(await readBytes(source), options);
  } catch (error) {
    if (!(error instanceof ImageDecodeError)) throw error;
    error.message = error.message.replace(
      "decode the image",
      `decode ${nameOf(source)}`,
    );
    throw error;
  }
}
