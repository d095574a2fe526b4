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
export interface WinClipSizes {
  /** Sizes of the CLIP towers. */
  readonly clip: ClipConfig;
  /** The choices. */
  readonly config: WinClipConfig;
}

/** Options of {@linkcode winClip}. */
export interface WinClipOptions extends WinClipSizes {
  /** Standard deviation in pixels of the Gaussian that smooths the maps. */
  readonly smooth: number;
}

/** What the model computes. */
export interface WinClipValues extends DetectionValues {
  /** Logit of the class token [B, 1]. */
  readonly image: Value;
  /** Logits of the map by text, one for each patch [B, P]. */
  readonly language: Value;
}

/** Unit features of an image and of its windows. */
interface Features {
  /** Of the image [B, 1, Dt]. */
  readonly image: Value;
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
  const scale = logitScale(g, config.logitScale);
  const direction = abnormalDirection(g, text, scale);
  const features = findFeatures(g, rgb, { clip, config });
  const image = abnormalLogits(g, features.image, direction); // [B, 1]
  const found = features.scales.map(({ windows, features }) => ({
    windows,
    logits: abnormalLogits(g, features, direction), // [B, W]
  }));
  const language = languageMap(g, { image, found }, config);
  const grid = languageProbabilities(g, language, config);
  const probabilities = enlarge(g, grid, config);
  const seen = readDetection(g, probabilities, smooth);
  const byToken = config.score === "image" ? readClassToken(g, image) : {};
  return { image, language, ...seen, ...byToken };
}

/**
 * Features of the image and of every window. A window is the class token and
 * its own patches with their positions in the image, before the first layer
 * norm; it passes the whole tower alone.
 */
function findFeatures(
  g: GraphBuilder,
  rgb: Value,
  { clip, config }: WinClipSizes,
): Features {
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
    const features = g.scope(
      `windows_${side}`,
      () => unitFeatures(g, own, clip),
    );
    const count = windowsPerRow(windows) ** 2;
    return { windows, features: split(g, features, count) };
  });
  const whole = g.scope("whole", () => unitFeatures(g, tokens, clip));
  return { image: split(g, whole, 1), scales };
}

/** CLIP's image feature of sequences of tokens [N, L, Dv]: [N, Dt]. */
function unitFeatures(g: GraphBuilder, tokens: Value, clip: ClipConfig): Value {
  const { vision } = clip;
  let x = normaliseTokens(g, tokens, vision);
  for (let index = 0; index < vision.numHiddenLayers; index++) {
    x = visionBlock(g, x, { vision, index });
  }
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
function enlarge(
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
