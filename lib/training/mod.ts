/**
 * Training: a model directory and labelled images in, a trained model directory
 * out.
 *
 * @example Train on a folder, evaluate on another one
 * ```ts ignore
 * import { openDataSet } from "@mfp-clip/mfp-clip";
 * import { trainModel } from "@mfp-clip/mfp-clip/training";
 *
 * await trainModel({
 *   model: "nano",
 *   dataSet: await openDataSet("visa"),
 *   evalSet: await openDataSet("mvtec_anomaly_detection"),
 *   out: "out/visa",
 * }, {
 *   epochs: 10,
 *   resume: true,
 *   onStep: ({ step, loss }) => console.log(step, loss),
 * });
 * ```
 *
 * @module
 */
export { type JsonObject } from "../checkpoint/json_file.ts";
export { ModelError } from "../checkpoint/model_error.ts";
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
export { DiskError, type DiskFailure } from "../files/disk_error.ts";
export { FolderInUseError } from "../files/held_folder.ts";
export { type Mask, type RgbImage } from "../image/image.ts";
export { type MethodName } from "../methods/methods.ts";
export { type Prompts, type Sentences } from "../methods/sentences.ts";
export { type Provider } from "../onnx/session.ts";
export {
  type MeanMetrics,
  type MetricName,
  METRICS,
  type MetricValues,
} from "../results/summary.ts";
export {
  type CheckpointRow,
  type EpochRow,
  type EvalRow,
  type LogRow,
  type PassLosses,
  type StepRow,
  type When,
} from "../results/training_rows.ts";
export { type BackendName } from "../tfjs/backend_name.ts";
export { type Augmentation } from "./images/augment.ts";
export { type CategoryText } from "./engine/training_engine.ts";
export { type EpochOptions } from "./images/batches.ts";
export { type NamedArrays } from "./optimiser.ts";
export { type ScheduleOptions } from "./schedule.ts";
export { MODEL_PARTS, type ModelPart } from "./trainable.ts";
export { trainModel } from "./train_model.ts";
export {
  type TrainingJob,
  type TrainModelChoices,
  type TrainModelOptions,
} from "./train_model_options.ts";
export { type TrainerChoices } from "./trainer_options.ts";
export { type TrainingState } from "./training_checkpoint.ts";
export { readLog } from "./training_log.ts";
