/**
 * MFP-CLIP: zero-shot industrial anomaly detection, from images of a product
 * that no model was trained on to anomaly maps, scores and AUC tables.
 *
 * @example Score an image
 * ```ts
 * import { Detector } from "@mfp-clip/mfp-clip";
 *
 * await using detector = await Detector.open("nano");
 * const found = await detector.score(
 *   "tests/golden/mfp_clip/images/coffee.jpg",
 *   { category: "cup" },
 * );
 * console.log(found.score); // between 0 and 1
 * const png = await found.heatmap("png"); // bytes of a file
 * ```
 *
 * @example Evaluate a folder in MVTec AD or VisA layout
 * ```ts ignore
 * import { Detector, evaluate, openDataSet } from "@mfp-clip/mfp-clip";
 *
 * const dataSet = await openDataSet("mvtec_anomaly_detection");
 * await using detector = await Detector.open("nano", {
 *   categories: dataSet.categories,
 * });
 * const { categories } = await evaluate(detector, dataSet);
 * console.log(categories["bottle"]?.i_auroc);
 * ```
 *
 * @module
 */
export { ModelError } from "./lib/checkpoint/model_error.ts";
export { type DataSet, DataSetError, type Sample } from "./lib/data/sample.ts";
export { type Split } from "./lib/data/layouts/layout.ts";
export { type DataSetOptions, openDataSet } from "./lib/data/open.ts";
export {
  type Detection,
  Detector,
  type DetectorInput,
  type DetectorOptions,
  type ScoreAllOptions,
  type ScoreOptions,
} from "./lib/detector/detector.ts";
export {
  ImageFetchError,
  type ImageSource,
  readImage,
  type ReadImageOptions,
} from "./lib/detector/image_source.ts";
export {
  type AnomalyMap,
  type HeatmapFormat,
  type HeatmapOptions,
  ScoredImage,
  type ScoredImageInit,
} from "./lib/detector/scored_image.ts";
export {
  evaluate,
  type EvaluatedImage,
  type EvaluateOptions,
  type Evaluation,
} from "./lib/evaluation/evaluate.ts";
export {
  type ExportedModel,
  exportModel,
  type ExportOptions,
} from "./lib/detector/export_model.ts";
export { type TallyCurves } from "./lib/evaluation/category_tally.ts";
export { type PreparedImage } from "./lib/evaluation/prepare.ts";
export { type ImageDetector } from "./lib/evaluation/image_detector.ts";
export { type ColouriseOptions } from "./lib/image/colour_map.ts";
export {
  type BitDepth,
  decodeImage,
  type DecodeOptions,
} from "./lib/image/decode.ts";
export { encodeHeatmap } from "./lib/image/heatmap.ts";
export {
  ImageDecodeError,
  type Mask,
  type RgbImage,
} from "./lib/image/image.ts";
export { type Figure } from "./lib/metrics/figure.ts";
export { ImageScores } from "./lib/metrics/image_scores.ts";
export { type AuproOptions } from "./lib/metrics/aupro.ts";
export { type DefectMask } from "./lib/metrics/connected_components.ts";
export { PixelCounts } from "./lib/metrics/pixel_counts.ts";
export { type RocCurve } from "./lib/metrics/roc_curve.ts";
export {
  type Prompts,
  readPrompts,
  type Sentences,
} from "./lib/methods/prompts.ts";
export { type Precision } from "./lib/onnx/emitter.ts";
export { type Provider, SessionError } from "./lib/onnx/session.ts";
export {
  type CategorySummary,
  type MetricName,
  METRICS,
  type MetricValues,
  type ScoreRow,
} from "./lib/results/summary.ts";
