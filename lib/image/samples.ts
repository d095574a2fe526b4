/**
 * Image files to samples as they are stored, before any conversion.
 *
 * @module
 */
import type { Metadata, Sharp } from "sharp";
import { decodeBmp, readBmpSize } from "./bmp.ts";
import { identifyFormat, type ImageFormat } from "./format.ts";
import { ImageDecodeError, type ImageSize } from "./image.ts";
import { countScans } from "./jpeg_scans.ts";
import { loadSharp } from "./load_sharp.ts";
import { counted } from "./native_work.ts";
import { decodeNetpbm, readNetpbmSize } from "./netpbm.ts";
import { keepPixelChunks } from "./png_chunks.ts";
import { readTiffPages, type TiffPages } from "./tiff_pages.ts";

/** Samples as the file holds them, without alpha. */
export interface Samples extends ImageSize {
  /** What the channels mean. */
  readonly space: "grey" | "rgb" | "cmyk";
  /** Interleaved samples. */
  readonly data: Uint8Array | Uint16Array; // [height, width, 1 | 3 | 4]
  /** What the decoder said of damage that it could read past. */
  readonly damage?: string;
}

/** Bounds of what is decoded. */
export interface DecodeLimits {
  /**
   * The most pixels an image may have.
   *
   * @default {100e6}
   */
  readonly maxPixels?: number;
  /**
   * How long a decoder may work on an image, in seconds.
   *
   * @default {60}
   */
  readonly maxSeconds?: number;
}

/** What the header of an image file tells. */
export interface ImageHeader extends ImageSize {
  /** The format. */
  readonly format: ImageFormat;
  /** How EXIF says to turn the stored image, 1 to 8; 1 is upright. */
  readonly orientation: number;
  /** Pages of a TIFF, or frames, that are not read. */
  readonly furtherPages: number;
  /** The bytes to decode. */
  readonly bytes: Uint8Array;
  /** Index of the page that is read. */
  readonly page: number;
  /** What libvips tells; undefined for formats that are decoded here. */
  readonly metadata: Metadata | undefined;
}

type Space = Samples["space"];

const CHANNELS: Record<Space, number> = { grey: 1, rgb: 3, cmyk: 4 };

const SPACES: Readonly<Record<string, Space>> = {
  "b-w": "grey",
  "grey16": "grey",
  "srgb": "rgb",
  "rgb": "rgb",
  "rgb16": "rgb",
  "cmyk": "cmyk",
};

/**
 * The longest side. A PNG of two kilobytes can be a million pixels long, and
 * each row costs time whatever its width; line-scan images stay far below.
 */
const MAX_SIDE = 100_000;

/** Scans of a JPEG: progressive files have about ten, odd ones up to 64. */
const MAX_SCANS = 100;

async function open(
  { bytes, page }: Pick<ImageHeader, "bytes" | "page">,
  failOn: "error" | "warning" = "error",
): Promise<Sharp> {
  const options = { failOn, ignoreIcc: true, limitInputPixels: false };
  const sharp = await loadSharp();
  return sharp(bytes, page === 0 ? options : { ...options, page });
}

/** The first line of what libvips says, without the names of its parts. */
function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const lines = text.split("\n").map((line) =>
    line.replace(/^Input buffer (has corrupt header:|contains)/, "")
      .replace(/^\s*\w+: /, "").trim()
  );
  return lines.find((line) => line !== "" && line !== "Unknown error") ??
    "it cannot be read";
}

function brokenFile(format: ImageFormat, error: unknown): ImageDecodeError {
  return new ImageDecodeError(
    `Cannot decode the image as its ${format} data must be whole and valid: ${
      reasonOf(error)
    }`,
    { cause: error },
  );
}

function tooLarge(must: string, value: string | number): ImageDecodeError {
  return new ImageDecodeError(
    `Cannot decode the image as it must have ${must}: current value is ${value}`,
    { reason: "too_large" },
  );
}

function assertSize({ width, height }: ImageSize, maxPixels: number): void {
  const size = `${width} x ${height}`;
  if (width * height > maxPixels) {
    throw tooLarge(`at most ${maxPixels} pixels`, size);
  }
  if (Math.max(width, height) > MAX_SIDE) {
    throw tooLarge(`sides of at most ${MAX_SIDE} pixels`, size);
  }
}

/** The bytes that a decoder gets, and the page it reads. */
function sourceOf(
  bytes: Uint8Array,
  format: ImageFormat,
): { bytes: Uint8Array; page: number; pages?: TiffPages } {
  if (format === "PNG") return { bytes: keepPixelChunks(bytes), page: 0 };
  if (format === "TIFF") {
    const pages = readTiffPages(bytes);
    return { bytes, page: pages.first, pages };
  }
  if (format === "JPEG") {
    const scans = countScans(bytes);
    if (scans > MAX_SCANS) throw tooLarge(`at most ${MAX_SCANS} scans`, scans);
  }
  return { bytes, page: 0 };
}

async function readMetadata(
  source: Pick<ImageHeader, "bytes" | "page">,
  format: ImageFormat,
): Promise<Metadata> {
  try {
    const file = await open(source);
    return await counted(file.metadata());
  } catch (error) {
    throw brokenFile(format, error);
  }
}

/** EXIF's number; one that it does not define counts as upright. */
function orientationOf({ orientation = 1 }: Metadata): number {
  return orientation >= 1 && orientation <= 8 ? orientation : 1;
}

async function headerOf(bytes: Uint8Array): Promise<ImageHeader> {
  const format = identifyFormat(bytes);
  if (format === "BMP" || format === "PGM or PPM") {
    const size = format === "BMP" ? readBmpSize(bytes) : readNetpbmSize(bytes);
    const upright = { orientation: 1, furtherPages: 0, page: 0 };
    return { ...size, format, ...upright, bytes, metadata: undefined };
  }
  const { pages, ...source } = sourceOf(bytes, format);
  const metadata = await readMetadata(source, format);
  return {
    width: metadata.width,
    height: metadata.height,
    format,
    orientation: orientationOf(metadata),
    furtherPages: pages?.further ?? Math.max((metadata.pages ?? 1) - 1, 0),
    ...source,
    metadata,
  };
}

/**
 * Reads the header of an image file.
 *
 * @param bytes The file's bytes.
 * @param limits The limit on pixels.
 * @returns What it tells, in the size as stored.
 * @throws {ImageDecodeError} If the header is not that of an image this
 * project decodes, or the image is larger than the limits allow.
 */
export async function readHeader(
  bytes: Uint8Array,
  limits: DecodeLimits = {},
): Promise<ImageHeader> {
  const header = await headerOf(bytes);
  assertSize(header, limits.maxPixels ?? 100e6);
  return header;
}

function spaceOf({ space, depth }: Metadata): Space {
  const known = SPACES[space];
  if (known === undefined) {
    throw new ImageDecodeError(
      `Cannot decode the image as its colours must be grey, RGB or CMYK: current value is ${space}`,
    );
  }
  const wide = depth === "ushort" && known !== "cmyk";
  if (depth !== "uchar" && !wide) {
    throw new ImageDecodeError(
      `Cannot decode the image as its samples must be unsigned integers of 8 or 16 bits: current value is ${depth} in ${space}`,
    );
  }
  return known;
}

function toSpace(source: Sharp, space: Space, wide: boolean): Sharp {
  if (space === "cmyk") {
    return source.pipelineColourspace("cmyk").removeAlpha()
      .toColourspace("cmyk").raw();
  }
  if (wide) {
    const name = space === "grey" ? "grey16" : "rgb16";
    return source.pipelineColourspace(name).removeAlpha()
      .toColourspace(name).raw({ depth: "ushort" });
  }
  return source.removeAlpha()
    .toColourspace(space === "grey" ? "b-w" : "srgb").raw();
}

/** How {@linkcode readSamples} reads. */
export interface ReadSamplesOptions extends DecodeLimits {
  /** Whether the image is turned as EXIF says. */
  readonly isTurned: boolean;
}

/** Decodes; `failOn` says whether damage that can be read past is an error. */
async function decode(
  header: ImageHeader & { metadata: Metadata },
  failOn: "error" | "warning",
  { isTurned, maxSeconds = 60 }: ReadSamplesOptions,
): Promise<Samples> {
  const space = spaceOf(header.metadata);
  const wide = header.metadata.depth === "ushort";
  const source = await open(header, failOn);
  const turned = isTurned ? source.autoOrient() : source;
  const { data: raw, info } = await counted(
    toSpace(turned, space, wide)
      .timeout({ seconds: maxSeconds })
      .toBuffer({ resolveWithObject: true }),
  );
  const { width, height, channels } = info;
  if (channels !== CHANNELS[space]) {
    throw new ImageDecodeError(
      `Cannot decode the image as it must have ${
        CHANNELS[space]
      } channels in ${space}: current value is ${channels}`,
    );
  }
  const count = width * height * channels;
  const data = wide
    ? new Uint16Array(raw.buffer, raw.byteOffset, count)
    : new Uint8Array(raw.buffer, raw.byteOffset, count);
  return { width, height, space, data };
}

/**
 * Decodes the opacity of an image file in 8 bits.
 *
 * @param header The file's header.
 * @param options The time limit, and whether the image is turned.
 * @returns Opacity, one value a pixel; null where the file has none.
 */
export async function readOpacity(
  header: ImageHeader,
  { isTurned, maxSeconds = 60 }: ReadSamplesOptions,
): Promise<Uint8Array | null> {
  if (header.metadata?.hasAlpha !== true) return null;
  const source = await open(header, "error");
  const turned = isTurned ? source.autoOrient() : source;
  const raw = await counted(
    turned.extractChannel("alpha").toColourspace("b-w").raw()
      .timeout({ seconds: maxSeconds }).toBuffer(),
  );
  return new Uint8Array(raw.buffer, raw.byteOffset, raw.byteLength);
}

/**
 * Decodes the samples that an image file stores. Alpha is dropped and colour
 * profiles are ignored. Damage that the decoder can read past, such as a
 * flipped bit in a scan, is told in the result.
 *
 * @param header The file's header.
 * @param options The time limit, and whether the image is turned.
 * @returns The samples.
 * @throws {ImageDecodeError} If the file is not a whole image of a known
 * layout, or takes longer than the limit.
 */
export async function readSamples(
  header: ImageHeader,
  options: ReadSamplesOptions,
): Promise<Samples> {
  const { bytes, format, metadata } = header;
  if (format === "BMP") return { ...decodeBmp(bytes), space: "rgb" };
  if (metadata === undefined) return decodeNetpbm(bytes);
  const known = { ...header, metadata };
  try {
    return await decode(known, "warning", options);
  } catch (warning) {
    if (warning instanceof ImageDecodeError) throw warning;
    try {
      const samples = await decode(known, "error", options);
      return { ...samples, damage: reasonOf(warning) };
    } catch (error) {
      throw brokenFile(format, error);
    }
  }
}
