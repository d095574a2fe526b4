/**
 * The synthetic set: drawn images of products, with defects and exact masks.
 *
 * @example Draw a data set, image by image
 * ```ts
 * import { syntheticDataSet } from "@mfp-clip/mfp-clip/synthetic";
 *
 * const dataSet = syntheticDataSet({ count: 2, categories: ["nut"] });
 * for await (const { key, label, image } of dataSet.samples()) {
 *   const { width, height } = await image();
 *   console.log(key, label, width, height);
 * }
 * ```
 *
 * @module
 */
export {
  type DataSet,
  DataSetError,
  type GroundTruth,
  type ImageCounts,
  MASK_NOTES,
  type MaskNote,
  type Reading,
  type Sample,
} from "../data/sample.ts";
export { type SubsetOptions } from "../data/subset.ts";
export { type Mask, type RgbImage } from "../image/image.ts";
export {
  syntheticDataSet,
  type SyntheticFile,
  syntheticFiles,
  type SyntheticOptions,
} from "./data_set.ts";
export { type DefectName } from "./defects.ts";
export {
  renderSample,
  type SampleOptions,
  type SyntheticSample,
} from "./render_sample.ts";
