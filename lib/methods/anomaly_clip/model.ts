/**
 * AnomalyCLIP as a tensor program: features of patches and of the class token
 * beside those of the text.
 *
 * @module
 */
import type { GraphBuilder } from "../../graph/builder.ts";
import type { Value } from "../../graph/graph.ts";
import { bilinearMatrix, resampleImage } from "../../graph/resample.ts";
import {
  abnormalDirection,
  abnormalLogits,
  stateProbabilities,
} from "../logits.ts";
import type { AnomalyClipConfig } from "./config.ts";
import { CLASS_TOKEN, patchesName, tapsOf } from "./vision.ts";

/** What the model computes. */
export interface AnomalyClipValues {
  /** Probabilities of both states for each tap [B, 2, g, g]. */
  readonly layers: readonly Value[];
  /** Logit of the class token [B, 1]. */
  readonly token: Value;
}

/** What {@linkcode compareWithText} compares. */
export interface Compared {
  /** Features of images, as `imageSide` gives them. */
  readonly image: Readonly<Record<string, Value>>;
  /** Unit text features, [B, 2, Dt] or one for all images, [1, 2, Dt]. */
  readonly text: Value;
}

/** Compares images with the text of both states. */
export function compareWithText(
  g: GraphBuilder,
  { image, text }: Compared,
  config: AnomalyClipConfig,
): AnomalyClipValues {
  const scale = g.constant([1 / config.temperature], [], "wide");
  const direction = abnormalDirection(g, text, scale);
  const layers = tapsOf(config).map((tap) => {
    const features = image[patchesName(tap)]!; // [B, P, Dt]
    const logits = abnormalLogits(g, features, direction); // [B, P]
    const [batch, patches] = logits.shape as [number, number];
    const grid = Math.sqrt(patches);
    return stateProbabilities(g, g.reshape(logits, [batch, grid, grid]));
  });
  return { layers, token: abnormalLogits(g, image[CLASS_TOKEN]!, direction) };
}

/** Values on the grid [B, 2, g, g] at the size of the image [B, 2, H, H]. */
export function enlarge(
  g: GraphBuilder,
  x: Value,
  { imageSize }: AnomalyClipConfig,
): Value {
  return resampleImage(g, x, bilinearMatrix(imageSize, x.shape.at(-1)!));
}

/** The mean over the taps. Enlarging is linear, so it may come later. */
export function meanLayer(g: GraphBuilder, layers: readonly Value[]): Value {
  const sum = layers.reduce((a, b) => g.add(a, b));
  return g.multiply(sum, 1 / layers.length);
}
