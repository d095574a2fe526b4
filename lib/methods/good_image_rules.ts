/**
 * How a method compares images with good ones in its own way.
 *
 * @module
 */
import type { Shapes } from "../checkpoint/check_weights.ts";
import type { GraphBuilder } from "../graph/builder.ts";
import type { Value } from "../graph/graph.ts";
import type { DetectionValues } from "./anomaly_map.ts";

/**
 * The published way to compare an image with a few good ones: its features are
 * compared with banks of theirs.
 */
export interface GoodImageRules {
  /** What the image score is, in a few words. */
  readonly scoreRule: string;
  /**
   * Shape of each bank of one good image, by the name of its feature: [N, D]. A
   * bank of K good images is [K N, D].
   */
  readonly banks: Shapes;
  /**
   * The published image scores, where they need all images of a product.
   *
   * @param scores The scores that `join` computes, of each image.
   * @param maxima The maximum of M of each image.
   * @default {the published score is that of `join`}
   */
  readonly publishedScores?: (
    scores: readonly number[],
    maxima: readonly number[],
  ) => number[];
  /**
   * Records the features of images from `rgb` and `text`, as
   * `Architecture.detection` reads them.
   *
   * @returns Those of the banks, [B, N, D], and all that `join` reads besides.
   */
  features(g: GraphBuilder): Readonly<Record<string, Value>>;
  /**
   * Records maps and scores.
   *
   * @param features What `features` gave.
   * @param banks One for each of `banks`.
   * @param smooth Standard deviation in pixels of the Gaussian that smooths the
   * maps.
   */
  join(
    g: GraphBuilder,
    features: Readonly<Record<string, Value>>,
    options: {
      readonly banks: Readonly<Record<string, Value>>;
      readonly smooth: number;
    },
  ): DetectionValues;
}
