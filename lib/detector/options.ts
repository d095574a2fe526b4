/**
 * How a detector runs.
 *
 * @module
 */
import type { Prompts } from "../methods/sentences.ts";
import type { Precision } from "../onnx/emitter.ts";
import type { Provider } from "../onnx/session.ts";

/** Options of `Detector.open()`. */
export interface DetectorOptions {
  /**
   * Where to run. A provider that cannot be had is an error.
   *
   * @default {"cpu"}
   */
  readonly provider?: Provider;
  /**
   * Precision of the network; maps and scores are float32 in either.
   *
   * @default {"f32"}
   */
  readonly precision?: Exclude<Precision, "f64">;
  /**
   * Threads in all; 0 for as many as there are cores.
   *
   * @default {0}
   */
  readonly threads?: number;
  /**
   * How many batches are looked at side by side, by sessions that share the
   * threads. More sessions finish more images in the same time, each with the
   * memory of a session; a single image takes longer. 0 is for one a thread
   * where the weights are small, and one where they are not.
   *
   * @default {1}
   */
  readonly sessions?: number;
  /**
   * Standard deviation in pixels of the Gaussian that smooths anomaly maps.
   * Image scores are taken before it.
   *
   * @default {the published one of the model's method, 0 for MFP-CLIP}
   */
  readonly smooth?: number;
  /** Names and sentences of categories; others are named as they are. */
  readonly prompts?: Prompts;
  /**
   * Categories known beforehand. Others work too, but one with a longer name
   * makes the model load again.
   *
   * @default {[]}
   */
  readonly categories?: readonly string[];
  /**
   * The word for products in images that are scored without a category.
   *
   * @default {"object"}
   */
  readonly object?: string;
  /**
   * The cache of downloads, in which models are found by name. Copies of
   * tensors that a checkpoint does not store row by row are kept there too.
   * Without it, only models that come with the package have a name, and such a
   * checkpoint is an error; most are stored row by row.
   */
  readonly cacheFolder?: string | undefined;
  /** Called once with each warning. */
  readonly onWarning?: (message: string) => void;
}
