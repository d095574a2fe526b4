/**
 * Resizing as Pillow does it, bit for bit.
 *
 * Pillow's filters are antialiased when they shrink, run along rows first and
 * columns second, and keep 8 bits per sample in between: weights are 22-bit
 * fixed-point integers. The arithmetic follows `Resample.c` of Pillow, and runs
 * in WebAssembly, 16 bytes at a time.
 *
 * @module
 */
import type { RgbImage } from "./image.ts";
import { layRegions, openKernels } from "./resample_memory.ts";
import {
  BICUBIC,
  BILINEAR,
  computeTaps,
  encodeTaps,
  type Filter,
  pairsOf,
  type Taps,
} from "./resample_taps.ts";

export { BICUBIC, BILINEAR, type Filter };

/** Interleaved 8-bit samples. */
export interface Raster {
  /** Pixels per row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** Samples per pixel, 1 to 4. */
  readonly channels: number;
  /** The samples. */
  readonly data: Uint8Array; // [height, width, channels]
}

/** The size of the result, and the filter to use. */
export interface ResampleOptions {
  /** The new width in pixels. */
  readonly width: number;
  /** The new height in pixels. */
  readonly height: number;
  readonly filter: Filter;
}

/**
 * Bytes that are filtered along rows, or along columns, at a time. What lies
 * between the two filters is then bounded, however long the image, and stays in
 * the processor's cache.
 */
const BAND = 1 << 20;

/** Where bytes go so that two pixels lie side by side in each lane. */
function laneOrder(channels: number): Uint8Array {
  const none = 0x80; // Brings a zero.
  return Uint8Array.from({ length: 16 }, (_, i) => {
    const channel = i >> 2;
    if (i % 2 === 1 || channel >= channels) return none;
    return i % 4 === 0 ? channel : channels + channel;
  });
}

/** Rows of the source, filtered along rows and kept until columns need them. */
interface Middle {
  /** Where they begin. */
  readonly place: number;
  /** The row of the image that lies there. */
  first: number;
  /** How many there are. */
  rows: number;
}

/** One resizing: band by band along rows, then along columns. */
class Resampling {
  readonly #kernels = openKernels();
  readonly #raster: Raster;
  readonly #stride: number; // of a source row
  readonly #targetStride: number;
  /** Null where the size stays. */
  readonly #along: {
    readonly rows: Taps | null;
    readonly columns: Taps | null;
  };
  readonly #places: readonly number[];
  readonly #bytes: Uint8Array;
  readonly #middle: Middle;
  readonly #result: Uint8Array;
  /** Rows of the result that are done. */
  #done = 0;

  constructor(raster: Raster, { width, height, filter }: ResampleOptions) {
    const { channels } = raster;
    const along = {
      rows: raster.width === width
        ? null
        : computeTaps(raster.width, width, filter),
      columns: raster.height === height
        ? null
        : computeTaps(raster.height, height, filter),
    };
    this.#raster = raster;
    this.#along = along;
    this.#stride = raster.width * channels;
    this.#targetStride = width * channels;
    const rowTaps = along.rows && encodeTaps(along.rows, channels);
    const columnTaps = along.columns &&
      encodeTaps(along.columns, this.#targetStride);
    const order = laneOrder(channels);
    const kept = (along.columns?.count ?? 0) + this.bandRows + 1;
    const { places, bytes } = layRegions(this.#kernels, [
      order.length,
      rowTaps?.length ?? 0,
      columnTaps?.length ?? 0,
      along.rows === null ? 0 : this.bandRows * this.#stride,
      kept * this.#targetStride,
      this.targetRows * this.#targetStride,
    ]);
    [order, rowTaps, columnTaps].forEach((part, i) =>
      part && bytes.set(part, places[i])
    );
    this.#places = places;
    this.#bytes = bytes;
    this.#middle = { place: places[4]!, first: 0, rows: 0 };
    this.#result = new Uint8Array(height * this.#targetStride);
  }

  /** Rows of the source that are filtered at a time. */
  get bandRows(): number {
    const stride = Math.max(this.#stride, this.#targetStride);
    return Math.max(1, Math.floor(BAND / stride));
  }

  /** Rows of the result that are filtered at a time. */
  get targetRows(): number {
    return Math.max(1, Math.floor(BAND / this.#targetStride));
  }

  run(): Uint8Array {
    const { height } = this.#raster;
    for (let top = 0; top < height; top += this.bandRows) {
      this.#addBand(top, Math.min(this.bandRows, height - top));
      if (this.#along.columns === null) this.#take();
      else this.#filterColumns(this.#along.columns);
    }
    return this.#result;
  }

  /** Puts rows of the source, filtered along rows, behind those in the middle. */
  #addBand(top: number, count: number): void {
    const middle = this.#middle;
    const end = middle.place + middle.rows * this.#targetStride;
    const [order = 0, taps = 0, , source = 0] = this.#places;
    const { rows } = this.#along;
    const { data, channels } = this.#raster;
    const band = data.subarray(
      top * this.#stride,
      (top + count) * this.#stride,
    );
    this.#bytes.set(band, rows === null ? end : source);
    if (rows !== null) {
      this.#kernels.filterRows(
        source,
        this.#stride,
        end,
        this.#targetStride,
        count,
        channels,
        order,
        taps,
        pairsOf(rows),
      );
    }
    middle.rows += count;
  }

  /** Moves the rows in the middle to the result. */
  #take(): void {
    const middle = this.#middle;
    this.#finish(middle.place, middle.rows);
    middle.rows = 0;
  }

  /** Makes the rows of the result whose source rows are all there. */
  #filterColumns(taps: Taps): void {
    const middle = this.#middle;
    const { starts, count } = taps;
    const stride = this.#targetStride;
    const [, , columnTaps = 0, , , target = 0] = this.#places;
    const tapBytes = 4 + 8 * pairsOf(taps);
    const isThere = (row: number) =>
      row < starts.length &&
      starts[row]! + count <= middle.first + middle.rows;
    while (isThere(this.#done)) {
      let rows = 1;
      while (rows < this.targetRows && isThere(this.#done + rows)) rows++;
      this.#kernels.filterColumns(
        middle.place - middle.first * stride,
        target,
        stride,
        rows,
        columnTaps + this.#done * tapBytes,
        pairsOf(taps),
      );
      this.#finish(target, rows);
    }
    this.#drop(starts[this.#done] ?? middle.first);
  }

  /** Copies rows to the result. */
  #finish(place: number, rows: number): void {
    const stride = this.#targetStride;
    const found = this.#bytes.subarray(place, place + rows * stride);
    this.#result.set(found, this.#done * stride);
    this.#done += rows;
  }

  /** Forgets the rows in the middle before one of the image. */
  #drop(first: number): void {
    const middle = this.#middle;
    const { place, rows } = middle;
    const stride = this.#targetStride;
    const gone = Math.min(first - middle.first, rows);
    const from = place + gone * stride;
    this.#bytes.copyWithin(place, from, place + rows * stride);
    middle.first += gone;
    middle.rows -= gone;
  }
}

function assertSize(name: string, value: number): void {
  if (!Number.isInteger(value) || value < 1) {
    throw new RangeError(
      `Cannot resize an image as its new ${name} must be a positive integer: current value is ${value}`,
    );
  }
}

/**
 * Resizes interleaved samples.
 *
 * @param raster The samples, `[height, width, channels]`.
 * @param size The new size, and the filter to use.
 * @returns New samples, or the given ones where the size is the same.
 * @throws {RangeError} If the new size is not positive.
 */
export function resample(raster: Raster, size: ResampleOptions): Raster {
  assertSize("width", size.width);
  assertSize("height", size.height);
  const { width, height } = size;
  if (width === raster.width && height === raster.height) return raster;
  const data = new Resampling(raster, size).run();
  return { width, height, channels: raster.channels, data };
}

/**
 * Resizes an image as Pillow's `resize((width, height), BICUBIC)` does, to the
 * same bytes. The aspect ratio is not kept.
 *
 * @param image The image.
 * @param width The new width in pixels.
 * @param height The new height in pixels.
 * @returns The resized image; it shares the data of an image of that size.
 * @throws {RangeError} If the new size is not positive.
 */
export function resizeBicubic(
  image: RgbImage,
  width: number,
  height: number,
): RgbImage {
  const raster = { ...image, channels: 3 };
  const { data } = resample(raster, { width, height, filter: BICUBIC });
  return { width, height, data };
}
