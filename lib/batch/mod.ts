/**
 * Runs over folders, lists and archives in object storage: planned once, scored
 * in shards by any number of workers, and merged to one report. A worker may be
 * killed at any moment and started again.
 *
 * Buckets need `--allow-net` and the `AWS_*` environment variables.
 *
 * @example Score a folder in two shards
 * ```ts
 * import { Detector } from "@mfp-clip/mfp-clip";
 * import {
 *   allStores,
 *   fingerprint,
 *   mergeRun,
 *   planRun,
 *   runShard,
 * } from "@mfp-clip/mfp-clip/batch";
 *
 * const stores = allStores();
 * const input = { uri: "tests/golden/mfp_clip/images", stores };
 * const out = stores.folder(await Deno.makeTempDir()); // or s3://BUCKET/runs
 *
 * await using detector = await Detector.open("nano");
 * const plan = await planRun(input, out, {
 *   model: { name: "nano", fingerprint: await fingerprint(detector.directory) },
 *   shards: 2,
 * });
 * for (const shard of [0, 1]) { // elsewhere in two processes
 *   await runShard(detector, plan, { shard, stores });
 * }
 * const { rows } = await mergeRun(plan, { stores });
 * for await (const { key, score, error } of rows) console.log(key, score, error);
 * console.log(`${out.uri}runs/${plan.run}/report.html`);
 * ```
 *
 * @module
 */
export {
  type AbsentMask,
  type DrawnSize,
  type Line,
  type MaskPart,
  type Polygon,
  type Runs,
  type Shape,
} from "../data/mask_part.ts";
export { DataSetError } from "../data/sample.ts";
export { type ByteRange } from "../files/stored_bytes.ts";
export {
  type FileLayer,
  type ImageDetector,
  type LaidImageFile,
} from "../evaluation/image_detector.ts";
export { type BitDepth } from "../image/decode.ts";
export { type Point } from "../image/image.ts";
export {
  type CategorySummary,
  type GoodSummary,
  type MeanMetrics,
  type MetricName,
  METRICS,
  type MetricValues,
  type PromptWords,
  type ScoreRow,
  type Scoring,
  type Summary,
} from "../results/summary.ts";
export {
  type ListOptions,
  type ObjectInfo,
  type ObjectStore,
  type ReadOptions,
  StorageError,
  type StorageFailure,
  type StoreOptions,
  type WriteOptions,
} from "../storage/object_store.ts";
export { type OpenObject } from "../storage/open_store.ts";
export {
  type StoreCredentials,
  type StoreSettings,
} from "../storage/store_settings.ts";
export {
  goodOfDetector,
  type LearnedGood,
  type PlannedGood,
  rememberGood,
} from "./good.ts";
export { type MethodName } from "../methods/methods.ts";
export { fingerprint } from "../methods/fingerprint.ts";
export { type Merged, type MergeOptions, mergeRun } from "./merge.ts";
export { type RowFilesOptions } from "./merging/row_files.ts";
export { openPlan, planRun } from "./plan.ts";
export {
  type BatchInput,
  type InputKind,
  type Later,
  type Plan,
  type PlanHeader,
  type PlanItem,
  type PlanItems,
  type PlanOptions,
  type RunDetector,
  type RunSettings,
  type ShardDetector,
} from "./run.ts";
export { RunError, type RunFailure } from "./run_error.ts";
export { isMerged, listRuns } from "./runs.ts";
export {
  resolveShard,
  type Shard,
  type ShardFlags,
  type Variables,
} from "./shard.ts";
export { type ShardRange } from "./shard_range.ts";
export { allStores, type Stores } from "./stores.ts";
export {
  runShard,
  type RunShardOptions,
  type ShardOutcome,
  type ShardProgress,
} from "./work.ts";
export {
  type StoredCriteria,
  storedCriteria,
  type StoredCriterion,
} from "./stored_criteria.ts";
export { type CountedRate } from "../metrics/clopper_pearson.ts";
export { type ProductProfile } from "../references/product_profile.ts";
