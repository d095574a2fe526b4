/**
 * MFP-CLIP: zero-shot detection of anomalies in industrial images, after a model
 * that was never trained on the product. A {@linkcode Detector} gives each image
 * a score and an anomaly map, {@linkcode evaluate} measures it on a labelled
 * data set.
 *
 * The model `nano` comes with this package, for trying things out. `deno task
 * download` gets models for photographs; a detector finds them by name in the
 * folder that the option `cacheFolder` names.
 *
 * Programs need these permissions: `--allow-ffi` for the network and the image
 * decoder, `--allow-env=MALLOC_ARENA_MAX,npm_package_config_libvips`, and
 * `--allow-read` for images, this package and, on Linux, `/usr/bin/ldd`, with
 * which sharp finds out about the C library. Images with an HTTP address need
 * `--allow-net` too.
 *
 * @example Score an image
 * ```ts
 * import { Detector } from "@mfp-clip/mfp-clip";
 *
 * await using detector = await Detector.open("nano");
 * const image = "tests/golden/mfp_clip/images/coffee.jpg";
 * const found = await detector.score(image, { category: "cup" });
 * console.log(found.score); // from 0, normal, to 1
 * console.log(found.map.data, found.map.width, found.map.height);
 * const png = await found.heatmap("png"); // the bytes of a file
 * console.log(png.length);
 * ```
 *
 * @example Score many images, and leave out those that cannot be read
 * ```ts
 * import { Detector } from "@mfp-clip/mfp-clip";
 *
 * await using detector = await Detector.open("nano", { object: "part" });
 * const folder = "tests/golden/mfp_clip/images";
 * const images = ["coffee.jpg", "chelsea.png", "missing.png"].map((name) =>
 *   `${folder}/${name}`
 * );
 * const found = detector.scoreAll(images, {
 *   onError: (error, image) => console.error(`${image}: ${error}`),
 * });
 * for await (const { source, score } of found) console.log(source, score);
 * ```
 *
 * @example Compare images with good ones of the same product
 * ```ts
 * import { Detector } from "@mfp-clip/mfp-clip";
 *
 * await using detector = await Detector.open("nano", { learns: true });
 * const folder = "tests/golden/mfp_clip/images";
 * await detector.learn("cup", [`${folder}/chelsea.png`]); // ten are better
 * const image = `${folder}/coffee.jpg`;
 * const { score } = await detector.score(image, { category: "cup" });
 * console.log(score);
 * const memory = detector.memory("cup")!; // a file for detector.remember()
 * console.log(memory.length);
 * ```
 *
 * @example See a long image in tiles
 * ```ts
 * import { Detector } from "@mfp-clip/mfp-clip";
 *
 * await using detector = await Detector.open("nano", { tile: "auto" });
 * const [width, height] = [2000, 200];
 * const data = new Uint8Array(width * height * 3).fill(127);
 * const { map } = await detector.score({ width, height, data });
 * console.log(map.width, map.height); // 1120 x 112: it covers the whole image
 * ```
 *
 * @example Measure a model on a labelled data set
 * ```ts
 * import { Detector, evaluate } from "@mfp-clip/mfp-clip";
 * import { syntheticDataSet } from "@mfp-clip/mfp-clip/synthetic";
 *
 * // Or `await openDataSet("mvtec_anomaly_detection")`, a folder or an archive.
 * const options = { split: "test", seed: 0, count: 4, side: 128 } as const;
 * const dataSet = syntheticDataSet({ ...options, limit: 8 });
 * await using detector = await Detector.open("nano", {
 *   categories: dataSet.categories,
 * });
 * const { categories } = await evaluate(detector, dataSet);
 * for (const [category, { i_auroc, p_auroc }] of Object.entries(categories)) {
 *   console.log(category, i_auroc, p_auroc);
 * }
 * ```
 *
 * @module
 */
export { ModelError } from "./lib/checkpoint/model_error.ts";
export { type DetectOptions } from "./lib/data/layouts/detect_layout.ts";
export { type LayoutOptions } from "./lib/data/layouts/layout.ts";
export {
  type ListingOptions,
  type ReadingOptions,
} from "./lib/data/listing.ts";
export {
  type DataSet,
  DataSetError,
  type DecodeFile,
  IMAGE_NOTES,
  type ImageNote,
  type LaidFile,
  type Sample,
  type SampleImage,
} from "./lib/data/sample.ts";
export { type Split } from "./lib/data/layouts/layout.ts";
export { type DataSetOptions, openDataSet } from "./lib/data/open.ts";
export {
  type Detection,
  Detector,
  type DetectorInput,
  type FramedFile,
  type FramedInput,
} from "./lib/detector/detector.ts";
export {
  type GoodImages,
  type NamedImage,
} from "./lib/detector/learn_images.ts";
export { type LearnedCategory } from "./lib/detector/references.ts";
export {
  type DetectorOptions,
  type LearnOptions,
  type ScoreAllOptions,
  type ScoreOptions,
} from "./lib/detector/options.ts";
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
export { type ExportGood } from "./lib/detector/export_good.ts";
export {
  EXPORT_TOLERANCE,
  type ExportedModel,
  exportModel,
  type ExportOperators,
  type ExportOptions,
} from "./lib/detector/export_model.ts";
export { type TallyCurves } from "./lib/evaluation/category_tally.ts";
export { type PreparedImage } from "./lib/evaluation/prepare.ts";
export {
  type ImageDetector,
  type LaidImage,
} from "./lib/evaluation/image_detector.ts";
export {
  type Fit,
  type FramePlan,
  type FrameRules,
  type TileCount,
  type TilePlace,
} from "./lib/framing/frame.ts";
export { type Frame, type FramedImage } from "./lib/framing/frame_image.ts";
export { type FrameSettings } from "./lib/framing/frame_settings.ts";
export {
  Framing,
  type FramingOptions,
  type Regions,
} from "./lib/framing/framing.ts";
export { type ColouriseOptions } from "./lib/image/colour_map.ts";
export {
  type BitDepth,
  type DecodedImage,
  decodeImage,
  type DecodeOptions,
} from "./lib/image/decode.ts";
export { type ResizedImage } from "./lib/framing/decode_pool.ts";
export { encodeHeatmap } from "./lib/image/heatmap.ts";
export {
  ImageDecodeError,
  type ImageDecodeReason,
  type ImageSize,
  type Mask,
  type RgbImage,
} from "./lib/image/image.ts";
export { type DecodeLimits } from "./lib/image/samples.ts";
export {
  type ImageIntervals,
  type ImageReplicates,
  type Interval,
} from "./lib/metrics/bootstrap.ts";
export { type Metric } from "./lib/metrics/metric.ts";
export { type BestThreshold } from "./lib/metrics/ranking.ts";
export { ImageScores } from "./lib/metrics/image_scores.ts";
export { type AuproOptions } from "./lib/metrics/aupro.ts";
export { type DefectMask } from "./lib/metrics/connected_components.ts";
export { PixelCounts } from "./lib/metrics/pixel_counts.ts";
export { PixelGroups } from "./lib/metrics/pixel_groups.ts";
export { type RocCurve } from "./lib/metrics/roc_curve.ts";
export {
  type Prompts,
  readPrompts,
  type Sentences,
} from "./lib/methods/sentences.ts";
export { type MethodName } from "./lib/methods/methods.ts";
export { type Precision } from "./lib/onnx/emitter.ts";
export { type NetworkPrecision, PRECISIONS } from "./lib/methods/precision.ts";
export { type Provider, SessionError } from "./lib/onnx/session.ts";
export {
  type CategorySummary,
  type GoodSummary,
  type KindSummary,
  type MetricIntervals,
  type MetricName,
  METRICS,
  type MetricValues,
  type MetricWarning,
  type ScoreRow,
} from "./lib/results/summary.ts";
export {
  type DenseCounts,
  type SparseCounts,
} from "./lib/metrics/coarse_counts.ts";
export {
  type PixelIntervals,
  type PixelMetric,
  type PixelValues,
} from "./lib/metrics/pixel_draws.ts";
