/**
 * WinCLIP as a tensor program: the image and every window go through CLIP, and
 * harmonic means turn their probabilities into a map.
 *
 * @module
 */
import type { ClipConfig } from "../../clip/config.ts";
import {
  embedPatches,
  gridSize,
  imageFeatures,
  normaliseOutput,
  normaliseTokens,
  visionBlock,
  withClassToken,
} from "../../clip/vision_transformer.ts";
import type { GraphBuilder } from "../../graph/builder.ts";
import type { Value } from "../../graph/graph.ts";
import { l2Normalize } from "../../graph/nn.ts";
import { bilinearMatrix, resampleImage } from "../../graph/resample.ts";
import {
  type DetectionValues,
  readClassToken,
  readDetection,
} from "../anomaly_map.ts";
import type { ClipSizes } from "../clip_architecture.ts";
import { normalise } from "../inputs.ts";
import {
  abnormalDirection,
  abnormalLogits,
  logitScale,
  stateProbabilities,
} from "../logits.ts";
import type { WinClipConfig } from "./config.ts";
import { languageMap } from "./language_map.ts";
import { cutWindows, type Windows, windowsPerRow } from "./windows.ts";

/** Everything that fixes the shapes of a model. */
export type WinClipSizes = ClipSizes<WinClipConfig>;

/** Options of {@linkcode winClip}. */
export interface WinClipOptions extends WinClipSizes {
  /** Standard deviation in pixels of the Gaussian that smooths the maps. */
  readonly smooth: number;
}

/** What the model computes. */
export interface WinClipValues extends DetectionValues {
  /** What is compared with good images. */
  readonly features: WinClipFeatures;
  /** Logit of the class token [B, 1]. */
  readonly image: Value;
  /** Logits of the map by text, one for each patch [B, P]. */
  readonly language: Value;
}

/** Unit features of an image and of its windows. */
export interface WinClipFeatures {
  /** Of the image [B, 1, Dt]. */
  readonly image: Value;
  /** Of the patches after the last block [B, P, Dv]; null where not compared. */
  readonly patches: Value | null;
  /** Of the windows of each scale [B, W, Dt]. */
  readonly scales: readonly {
    readonly windows: Windows;
    readonly features: Value;
  }[];
}

/**
 * The whole model.
 *
 * @param inputs Images `rgb` in [0, 1], [B, 3, H, H], and text features `text`
 * [B, 2, Dt].
 */
export function winClip(
  g: GraphBuilder,
  { rgb, text }: { rgb: Value; text: Value },
  { clip, config, smooth }: WinClipOptions,
): WinClipValues {
  const features = findFeatures(g, rgb, { clip, config });
  const { image, language } = compareWithText(g, { features, text }, config);
  const grid = languageProbabilities(g, language, config);
  const probabilities = enlarge(g, grid, config);
  const seen = readDetection(g, probabilities, smooth);
  const byToken = config.score === "image" ? readClassToken(g, image) : {};
  return { features, image, language, ...seen, ...byToken };
}

/** Logits of the class token [B, 1] and of the map by text [B, P]. */
export function compareWithText(
  g: GraphBuilder,
  { features, text }: { features: WinClipFeatures; text: Value },
  config: WinClipConfig,
): Pick<WinClipValues, "image" | "language"> {
  const scale = logitScale(g, config.logitScale);
  const direction = abnormalDirection(g, text, scale);
  const image = abnormalLogits(g, features.image, direction);
  const found = features.scales.map(({ windows, features }) => ({
    windows,
    logits: abnormalLogits(g, features, direction), // [B, W]
  }));
  return { image, language: languageMap(g, { image, found }, config) };
}

/**
 * Features of the image and of every window. A window is the class token and
 * its own patches with their positions in the image, before the first layer
 * norm; it passes the whole tower alone.
 */
export function findFeatures(
  g: GraphBuilder,
  rgb: Value,
  { clip, config }: WinClipSizes,
): WinClipFeatures {
  const { vision } = clip;
  const tokens = g.scope("image", () => {
    const patches = embedPatches(g, normalise(g, rgb), vision, {
      antialias: true,
    });
    return withClassToken(g, patches, vision); // [B, 1 + P, Dv]
  });
  const grid = gridSize(vision, config.imageSize);
  const scales = [...new Set(config.scales)].map((side) => {
    const windows = { grid, side };
    const own = cutWindows(g, tokens, windows); // [B W, 1 + s * s, Dv]
    const features = g.scope(`windows_${side}`, () => {
      return unitFeatures(g, encode(g, own, clip), clip);
    });
    const count = windowsPerRow(windows) ** 2;
    return { windows, features: split(g, features, count) };
  });
  const last = g.scope("whole", () => encode(g, tokens, clip));
  const image = split(g, unitFeatures(g, last, clip), 1);
  if (config.patches === "none") return { image, patches: null, scales };
  const own = g.slice(last, 1, 1, last.shape[1]!); // [B, P, Dv]
  const patches = config.patches === "normed"
    ? normaliseOutput(g, own, vision)
    : own;
  return { image, patches: l2Normalize(g, patches), scales };
}

/** Sequences of tokens [N, L, Dv] through the whole tower. */
function encode(
  g: GraphBuilder,
  tokens: Value,
  { vision }: ClipConfig,
): Value {
  let x = normaliseTokens(g, tokens, vision);
  for (let index = 0; index < vision.numHiddenLayers; index++) {
    x = visionBlock(g, x, { vision, index });
  }
  return x;
}

/** CLIP's image feature of encoded sequences [N, L, Dv]: [N, Dt]. */
function unitFeatures(g: GraphBuilder, x: Value, clip: ClipConfig): Value {
  const [n, , width] = x.shape as [number, number, number];
  const first = g.reshape(g.slice(x, 1, 0, 1), [n, width]);
  return l2Normalize(g, imageFeatures(g, first, clip));
}

/** [B count, Dt] -> [B, count, Dt]. */
function split(g: GraphBuilder, features: Value, count: number): Value {
  const [all, width] = features.shape as [number, number];
  return g.reshape(features, [all / count, count, width]);
}

/** Probabilities of both states, one for each patch [B, 2, P]. */
function languageProbabilities(
  g: GraphBuilder,
  logits: Value,
  { fusion }: WinClipConfig,
): Value {
  const both = stateProbabilities(g, logits);
  if (fusion !== "harmonic") return both;
  // 1 / (1/l + 1/l): without good images the map by text is joined to itself.
  const half = g.multiply(g.slice(both, 1, 1, 2), 0.5);
  return g.concat([g.subtract(1, half), half], 1);
}

/** [B, 2, P] -> [B, 2, M, M] with the side M of the map. */
export function enlarge(
  g: GraphBuilder,
  probabilities: Value,
  { imageSize, mapSize }: WinClipConfig,
): Value {
  const [batch, states, patches] = probabilities.shape as [
    number,
    number,
    number,
  ];
  const grid = Math.sqrt(patches);
  const square = g.reshape(probabilities, [batch, states, grid, grid]);
  return resampleImage(g, square, bilinearMatrix(mapSize ?? imageSize, grid));
}
