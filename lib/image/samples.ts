/**
 * Image files to samples as they are stored, before any conversion.
 *
 * @module
 */
import sharp, { type Metadata, type Sharp } from "sharp";
import { decodeBmp, readBmpSize } from "./bmp.ts";
import { identifyFormat, type ImageFormat } from "./format.ts";
import { ImageDecodeError } from "./image.ts";

// Each file is decoded once, so that a cache of operations is only memory.
sharp.cache(false);

/** Samples as the file holds them, without alpha. */
export interface Samples {
  /** Pixels per row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** What the channels mean. */
  readonly space: "grey" | "rgb" | "cmyk";
  /** Interleaved samples. */
  readonly data: Uint8Array | Uint16Array; // [height, width, 1 | 3 | 4]
}

/** Options of {@linkcode readSamples} and {@linkcode readImageSize}. */
export interface SampleOptions {
  /**
   * The most pixels an image may have.
   *
   * @default {100e6}
   */
  readonly maxPixels?: number;
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

function open(bytes: Uint8Array): Sharp {
  return sharp(bytes, {
    failOn: "error",
    ignoreIcc: true,
    limitInputPixels: false,
  });
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

function assertPixels(
  size: { width: number; height: number },
  maxPixels: number,
): void {
  if (size.width * size.height > maxPixels) {
    throw new ImageDecodeError(
      `Cannot decode the image as it must have at most ${maxPixels} pixels: current value is ${size.width} x ${size.height}`,
    );
  }
}

async function readMetadata(
  bytes: Uint8Array,
  format: ImageFormat,
): Promise<Metadata> {
  try {
    return await open(bytes).metadata();
  } catch (error) {
    throw brokenFile(format, error);
  }
}

/** Pillow turns TIFF images by their orientation, and no others. */
function isTurned(format: ImageFormat, metadata: Metadata): boolean {
  return format === "TIFF" && (metadata.orientation ?? 1) > 4;
}

/**
 * Reads the size of an image file from its header.
 *
 * @param bytes The file's bytes.
 * @returns Width and height in pixels.
 * @throws {ImageDecodeError} If the header is not that of an image this
 * project decodes.
 */
export async function readImageSize(
  bytes: Uint8Array,
): Promise<{ width: number; height: number }> {
  const format = identifyFormat(bytes);
  if (format === "BMP") return readBmpSize(bytes);
  const metadata = await readMetadata(bytes, format);
  const { width, height } = metadata;
  return isTurned(format, metadata)
    ? { width: height, height: width }
    : { width, height };
}

function spaceOf(metadata: Metadata): Space {
  const { space, depth } = metadata;
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

function pipeline(
  bytes: Uint8Array,
  format: ImageFormat,
  metadata: Metadata,
): Sharp {
  const space = spaceOf(metadata);
  const wide = metadata.depth === "ushort";
  const source = format === "TIFF" ? open(bytes).autoOrient() : open(bytes);
  if (space === "cmyk") {
    return source.pipelineColourspace("cmyk").toColourspace("cmyk").raw();
  }
  if (wide) {
    const name = space === "grey" ? "grey16" : "rgb16";
    return source.pipelineColourspace(name).removeAlpha()
      .toColourspace(name).raw({ depth: "ushort" });
  }
  return source.removeAlpha()
    .toColourspace(space === "grey" ? "b-w" : "srgb").raw();
}

/**
 * Decodes an image file to the samples it stores. Alpha is dropped, colour
 * profiles are ignored, and so is the orientation except in TIFF: as Pillow
 * does. Of several pages or frames, the first is read.
 *
 * @param bytes The file's bytes.
 * @param options The limit on pixels.
 * @returns The samples.
 * @throws {ImageDecodeError} If the file is not a whole image of a known
 * format and layout, or has too many pixels.
 */
export async function readSamples(
  bytes: Uint8Array,
  options: SampleOptions = {},
): Promise<Samples> {
  const { maxPixels = 100e6 } = options;
  const format = identifyFormat(bytes);
  if (format === "BMP") {
    assertPixels(readBmpSize(bytes), maxPixels);
    return { ...decodeBmp(bytes), space: "rgb" };
  }
  const metadata = await readMetadata(bytes, format);
  assertPixels(metadata, maxPixels);
  const space = spaceOf(metadata);
  const wide = metadata.depth === "ushort";
  try {
    const { data: raw, info } = await pipeline(bytes, format, metadata)
      .toBuffer({ resolveWithObject: true });
    const { width, height } = info;
    const count = width * height * CHANNELS[space];
    const data = wide
      ? new Uint16Array(raw.buffer, raw.byteOffset, count)
      : new Uint8Array(raw.buffer, raw.byteOffset, count);
    return { width, height, space, data };
  } catch (error) {
    throw brokenFile(format, error);
  }
}
