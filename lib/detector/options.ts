/**
 * How a detector runs, and how it scores images.
 *
 * @module
 */
import type { FramingOptions } from "../framing/framing.ts";
import type { RgbImage } from "../image/image.ts";
import type { MethodName } from "../methods/methods.ts";
import type { NetworkPrecision } from "../methods/precision.ts";
import type { Prompts } from "../methods/sentences.ts";
import type { Provider } from "../onnx/session.ts";
import type { FramedInput } from "./detect_tiles.ts";
import type { ImageSource, ReadImageOptions } from "./image_source.ts";

/** Options of `Detector.open()`. */
export interface DetectorOptions extends FramingOptions {
  /**
   * The method, for a model directory that holds the choices of none, such as a
   * plain CLIP.
   *
   * @default {"mfp-clip"}
   */
  readonly method?: MethodName | undefined;
  /**
   * Where the network runs. A provider that is not installed is an error.
   *
   * @default {"cpu"}
   */
  readonly provider?: Provider | undefined;
  /**
   * Precision of the network; maps and scores are float32 in each. `int8` runs
   * on the processor alone and needs `cacheFolder`: matrices are quantised when
   * a model is first used, which takes as long as several images.
   *
   * @default {"f32"}
   */
  readonly precision?: NetworkPrecision | undefined;
  /**
   * Threads of all sessions together; 0 for as many as there are cores.
   *
   * @default {0}
   */
  readonly threads?: number | undefined;
  /**
   * How many batches run side by side, in sessions that share the threads. With
   * more sessions, more images are done in the same time, but a single image
   * takes longer, and each session needs its own memory. 0 means one session
   * for each thread if the weights are small, and one session if they are not.
   *
   * @default {1}
   */
  readonly sessions?: number | undefined;
  /**
   * Whether matrices of a large model are laid out for products when it is
   * loaded. An image takes 4 to 10 % less time then, and loading takes three
   * times as long (lib/onnx/README.md). The last digits of scores depend on it.
   * Quantised matrices are laid out in any case.
   *
   * @default {true}
   */
  readonly prepack?: boolean | undefined;
  /**
   * Standard deviation in pixels of the Gaussian that smooths anomaly maps.
   * Image scores are taken before it.
   *
   * @default {the published one of the model's method, 0 for MFP-CLIP}
   */
  readonly smooth?: number | undefined;
  /** Names and sentences of categories; other categories name themselves. */
  readonly prompts?: Prompts | undefined;
  /**
   * Categories that will be scored. Others work too, but one with a longer name
   * makes the model load again.
   *
   * @default {[]}
   */
  readonly categories?: readonly string[] | undefined;
  /**
   * The word for products in images that are scored without a category.
   *
   * @default {"object"}
   */
  readonly object?: string | undefined;
  /**
   * The cache of downloads, in which models are found by name. Copies of
   * tensors that a checkpoint does not store row by row are kept there too, and
   * quantised matrices.
   * Without it, only models that come with the package have a name, and such a
   * checkpoint is an error; most are stored row by row.
   */
  readonly cacheFolder?: string | undefined;
  /**
   * Whether good images will be learned. They can be in any case, but then the
   * model has to load again.
   *
   * @default {false}
   */
  readonly learns?: boolean | undefined;
  /** Called once with each warning. */
  readonly onWarning?: ((message: string) => void) | undefined;
  /**
   * Called when the files of the model are read and a worker loads its network,
   * which leaves time for other work.
   */
  readonly onLoading?: (() => void) | undefined;
}

/** Options of `Detector.score()`. */
export interface ScoreOptions extends ReadImageOptions {
  /**
   * The word for the product, such as `bottle`.
   *
   * @default {The option `object` of the detector}
   */
  readonly category?: string | undefined;
}

/** Options of `Detector.learn()`. */
export interface LearnOptions extends ReadImageOptions {
  /**
   * What the memory is called. Images of the category are compared with the one
   * that has its name; with another one are those that name it.
   *
   * @default {The category}
   */
  readonly name?: string | undefined;
  /**
   * Lays an image before the model, for images that are laid already.
   *
   * @default {as `Detector.prepare()` does}
   */
  readonly prepare?:
    | ((image: RgbImage, category: string) => FramedInput)
    | undefined;
}

/** Options of `Detector.scoreAll()`. */
export interface ScoreAllOptions extends ScoreOptions {
  /**
   * How many images run through the network together. The last digits of
   * scores depend on it, and the last batch may be smaller.
   *
   * @default {1}
   */
  readonly batchSize?: number | undefined;
  /**
   * Called with each image that cannot be read or scored, which is then left
   * out. Without it, the first such image ends the iteration.
   */
  readonly onError?:
    | ((error: unknown, image: ImageSource) => void)
    | undefined;
}
