/**
 * The two kinds of raster that travel through this project.
 *
 * @module
 */

/** Eight-bit RGB pixels, row by row, without padding. */
export interface RgbImage {
  /** Pixels per row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** Interleaved samples. */
  readonly data: Uint8Array; // [height, width, 3]
}

/** A ground-truth mask: 1 where the product is defective, 0 elsewhere. */
export interface Mask {
  /** Pixels per row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** One byte per pixel, 0 or 1. */
  readonly data: Uint8Array; // [height, width]
}

/** A place in the plane of an image: x to the right and y down. */
export type Point = readonly [x: number, y: number];

/** Width and height in pixels. */
export type ImageSize = Pick<RgbImage, "width" | "height">;

/**
 * Why bytes are not accepted: their format is not read, the image is larger
 * than a limit allows, or the file is damaged or of a layout that is not read.
 */
export type ImageDecodeReason = "unsupported" | "too_large" | "broken";

/**
 * Thrown when bytes are not an image this project accepts. The message is one
 * sentence that a user can act on.
 */
export class ImageDecodeError extends Error {
  /** The name that stack traces show. */
  override name = "ImageDecodeError";
  /** What is wrong with the bytes. */
  readonly reason: ImageDecodeReason;

  /**
   * Constructs the error.
   *
   * @param message One sentence.
   * @param options The reason, `broken` by default, and the cause.
   */
  constructor(
    message: string,
    options: ErrorOptions & { reason?: ImageDecodeReason } = {},
  ) {
    super(message, options);
    this.reason = options.reason ?? "broken";
  }
}
