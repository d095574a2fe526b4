/**
 * Evaluations written to a folder, and their reports as HTML pages.
 *
 * @example Evaluate a data set, with heatmaps and a report
 * ```ts
 * import { Detector } from "@mfp-clip/mfp-clip";
 * import { evaluateToFolder } from "@mfp-clip/mfp-clip/report";
 * import { syntheticDataSet } from "@mfp-clip/mfp-clip/synthetic";
 *
 * const dataSet = syntheticDataSet({ split: "test", count: 4, side: 128, limit: 8 });
 * await using detector = await Detector.open("nano", {
 *   categories: dataSet.categories,
 * });
 * const out = await Deno.makeTempDir();
 * const { summary } = await evaluateToFolder(
 *   { detector, dataSet, out },
 *   { model: "nano", smooth: 0, maps: "npy" },
 * );
 * console.log(summary.mean.i_auroc, `${out}/report.html`);
 * ```
 *
 * @example Render a report without writing anything else
 * ```ts
 * import { Detector, evaluate } from "@mfp-clip/mfp-clip";
 * import {
 *   Gallery,
 *   renderReport,
 *   reportCurves,
 *   showIn,
 *   summarise,
 * } from "@mfp-clip/mfp-clip/report";
 * import { syntheticDataSet } from "@mfp-clip/mfp-clip/synthetic";
 *
 * const dataSet = syntheticDataSet({ split: "test", count: 4, side: 128, limit: 8 });
 * await using detector = await Detector.open("nano");
 * const gallery = new Gallery({ perEnd: 3 });
 * const colours = { scale: "map", range: [0, 1] } as const;
 * const found = await evaluate(detector, dataSet, {
 *   onScored: (image) => showIn(gallery, image, { colours }),
 * });
 * const page = renderReport({
 *   summary: summarise(found, {
 *     model: "nano",
 *     data: dataSet.name,
 *     prompts: {},
 *     smooth: 0,
 *     seconds: 0,
 *   }),
 *   rows: found.rows,
 *   curves: reportCurves(found),
 *   gallery,
 * });
 * console.log(page.length);
 * ```
 *
 * @module
 */
export {
  type CategoryCurves,
  renderReport,
  type ReportContent,
} from "../report/html.ts";
export { renderTextTable } from "../report/table.ts";
export {
  type CategoryScores,
  type Decision,
  type ScoreSeries,
} from "../results/decision.ts";
export {
  type DecidedItem,
  Gallery,
  type GalleryCandidate,
  type GalleryItem,
  type GalleryOptions,
} from "../results/gallery.ts";
export { type HeatColours } from "../results/heat_colours.ts";
export { Exceedance } from "../metrics/exceedance.ts";
export { type Region } from "../results/regions.ts";
export { type Point } from "../image/image.ts";
export { type Separator } from "../results/scores_csv.ts";
export { PackedScores } from "../results/packed_scores.ts";
export {
  type CategoryDigest,
  RowDigest,
  type SizeCount,
} from "../results/row_digest.ts";
export { readScores, writeScores } from "../results/scores_parquet.ts";
export {
  type CategorySummary,
  type CategoryVerdicts,
  type FrameSummary,
  type GoodSummary,
  type MeanMetrics,
  meanOf,
  type MetricName,
  METRICS,
  type MetricValues,
  type PromptWords,
  type ScoreRow,
  type Scoring,
  type Summary,
} from "../results/summary.ts";
export { type TilesSeen } from "../framing/frame_settings.ts";
export {
  type Confusion,
  type Criteria,
  type Criterion,
  type JudgedRow,
  thresholdCriteria,
  type Verdict,
  type VerdictCounts,
} from "../results/verdict.ts";
export {
  type EvaluatedImage,
  type EvaluateOptions,
  type Evaluation,
} from "./evaluate.ts";
export {
  evaluateToFolder,
  type EvaluateToFolderOptions,
  type EvaluationParts,
} from "./evaluate_to_folder.ts";
export { FolderInUseError, HeldFolder } from "../files/held_folder.ts";
export { type NamedDecoding } from "../detector/image_source.ts";
export { type RawMaps } from "./result_files.ts";
export { type HeatRange } from "./run_colours.ts";
export { type VerdictFileOptions } from "./verdict_files.ts";
export {
  type DigestedEvaluation,
  reportCurves,
  type RunFacts,
  summarise,
} from "./summarise.ts";
export { showIn, type ThumbnailOptions } from "./thumbnails.ts";
