/**
 * Regions as COCO JSON, which annotation tools read.
 *
 * @see https://cocodataset.org/#format-data
 *
 * @module
 */
import type { Region } from "./regions.ts";

/** An image and the regions found in it. */
export interface ImageRegions {
  /** Path below the data root with `/`. */
  readonly key: string;
  /** Pixels per row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** The regions. */
  readonly regions: readonly Region[];
}

/** A data set in COCO's format. */
export interface CocoDataSet {
  /** What made it. */
  readonly info: { readonly description: string };
  /** All images, those without regions too. */
  readonly images: readonly {
    readonly id: number;
    readonly file_name: string;
    readonly width: number;
    readonly height: number;
  }[];
  /** One annotation a region. */
  readonly annotations: readonly {
    readonly id: number;
    readonly image_id: number;
    readonly category_id: number;
    readonly bbox: Region["box"];
    readonly area: number;
    readonly segmentation: readonly (readonly number[])[];
    readonly iscrowd: 0;
    /** The highest logit in the region. */
    readonly score: number;
  }[];
  /** The one category: an anomaly. */
  readonly categories: readonly {
    readonly id: number;
    readonly name: string;
  }[];
}

/**
 * Writes regions in COCO's format.
 *
 * @param images The images, ordered by key.
 * @param description What made them, such as the model and its threshold.
 */
export function toCoco(
  images: readonly ImageRegions[],
  description: string,
): CocoDataSet {
  const annotations = images.flatMap(({ regions }, image) =>
    regions.map((region) => ({ ...region, image_id: image + 1 }))
  );
  return {
    info: { description },
    images: images.map(({ key, width, height }, i) => ({
      id: i + 1,
      file_name: key,
      width,
      height,
    })),
    annotations: annotations.map((region, i) => ({
      id: i + 1,
      image_id: region.image_id,
      category_id: 1,
      bbox: region.box,
      area: region.area,
      segmentation: [region.polygon.flat()],
      iscrowd: 0,
      score: region.peak_logit,
    })),
    categories: [{ id: 1, name: "anomaly" }],
  };
}
