/**
 * What a detector says of one image.
 *
 * @module
 */
import { colourLevels, toLevels } from "../image/colour_map.ts";
import { encodeJpeg, encodePng } from "../image/encode.ts";
import type { ImageSize, RgbImage } from "../image/image.ts";
import { BILINEAR, resample } from "../image/resample.ts";
import type { Detection } from "../methods/detection.ts";
import type { ImageSource } from "./image_source.ts";

/** One value for each pixel, row by row. */
export interface AnomalyMap {
  /** Values per row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** The values. */
  readonly data: Float32Array; // [height, width]
}

/** File formats of {@linkcode ScoredImage.heatmap}. */
export type HeatmapFormat = "png" | "jpeg";

const ENCODERS: Record<
  HeatmapFormat,
  (image: RgbImage) => Promise<Uint8Array>
> = { png: encodePng, jpeg: encodeJpeg };

/** Options of {@linkcode ScoredImage.heatmap}. */
export interface HeatmapOptions {
  /**
   * The size of the heatmap: that of the image, or that of the map.
   *
   * @default {"image"}
   */
  readonly size?: "image" | "map" | undefined;
  /**
   * The values shown by the first and by the last colour. Values beyond are
   * shown as the nearer of the two.
   *
   * @default {[0, 1]}
   */
  readonly range?: readonly [number, number] | undefined;
}

/** What is known of an image when it is scored. */
export interface ScoredImageInit {
  /** The image, as it was given. */
  readonly source: ImageSource;
  /** The word for the product. */
  readonly category: string;
  /** Pixels per row of the image. */
  readonly width: number;
  /** Rows of the image. */
  readonly height: number;
  /**
   * What the decoder said of damage that it could read past; null where the
   * file is whole. Scores of a damaged image may be high for that alone.
   */
  readonly damage: string | null;
  /** Size of the maps, which cover the whole image. */
  readonly mapSize: ImageSize;
  /** What the model saw. */
  readonly detection: Detection;
}

/** The scores and the anomaly map of one image. */
export class ScoredImage {
  /** The image, as it was given. */
  readonly source: ImageSource;
  /** The word for the product that was used. */
  readonly category: string;
  /** Pixels per row of the image. */
  readonly width: number;
  /** Rows of the image. */
  readonly height: number;
  /**
   * What the decoder said of damage that it could read past; null where the
   * file is whole. Scores of a damaged image may be high for that alone.
   */
  readonly damage: string | null;
  /**
   * Image score, from 0 (normal) to 1: the maximum of the anomaly map, or what
   * the method takes in its place; of several tiles the highest score.
   */
  readonly score: number;
  /**
   * The image score as log odds. It ranks images in the same order, also where
   * `score` is so near to 0 or 1 that a number cannot tell them apart.
   */
  readonly scoreLogit: number;
  /** The anomaly map, from 0 (normal) to 1, at the model's resolution. */
  readonly map: AnomalyMap;
  /** The anomaly map as log odds. */
  readonly logitMap: AnomalyMap;

  /** Constructs from what the model saw. */
  constructor(init: ScoredImageInit) {
    const { source, category, width, height, mapSize, detection } = init;
    const size = { width: mapSize.width, height: mapSize.height };
    this.source = source;
    this.category = category;
    this.width = width;
    this.height = height;
    this.damage = init.damage;
    this.score = detection.imageScore;
    this.scoreLogit = detection.scoreLogit;
    this.map = { ...size, data: detection.anomalyMap };
    this.logitMap = { ...size, data: detection.logitMap };
  }

  /**
   * Draws the anomaly map with the colour map Turbo: blue is normal, red is
   * anomalous.
   *
   * @param format The file format.
   * @param options The size, and the range of values that the colours show.
   * @returns The bytes of the image file.
   * @throws {RangeError} If the range is empty or the map holds NaN.
   */
  async heatmap(
    format: HeatmapFormat = "png",
    options: HeatmapOptions = {},
  ): Promise<Uint8Array> {
    const { size = "image", ...colours } = options;
    const { data, width, height } = this.map;
    const levels = toLevels(data, { width, height, ...colours });
    const raster = { width, height, channels: 1, data: levels };
    const target = size === "image" ? this : this.map;
    const enlarged = resample(raster, {
      width: target.width,
      height: target.height,
      filter: BILINEAR,
    });
    return await ENCODERS[format](colourLevels(enlarged.data, enlarged));
  }
}
