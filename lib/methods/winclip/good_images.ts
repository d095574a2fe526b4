/**
 * WinCLIP+: patches and windows are compared with those of good images.
 *
 * @module
 */
import { gridSize } from "../../clip/vision_transformer.ts";
import type { GraphBuilder } from "../../graph/builder.ts";
import type { Value } from "../../graph/graph.ts";
import {
  type DetectionValues,
  readDetection,
  readScore,
} from "../anomaly_map.ts";
import { byteImages, textInput } from "../inputs.ts";
import { stateProbabilities } from "../logits.ts";
import type { GoodImageRules } from "../good_image_rules.ts";
import { nearestCosineDistance } from "../nearest.ts";
import type { WinClipConfig } from "./config.ts";
import {
  compareWithText,
  enlarge,
  findFeatures,
  type WinClipFeatures,
  type WinClipSizes,
} from "./model.ts";
import { spreadWindows, windowsPerRow } from "./windows.ts";

/** Smaller probabilities and distances are raised to it before 1 / x. */
const FLOOR = 1e-12;

type Named = Readonly<Record<string, Value>>;

function scalesOf({ clip, config }: WinClipSizes) {
  const grid = gridSize(clip.vision, config.imageSize);
  return [...new Set(config.scales)].map((side) => ({ grid, side }));
}

/** The published way of WinCLIP+. */
export function goodImageRules(sizes: WinClipSizes): GoodImageRules {
  const { clip: { vision, projectionDim }, config } = sizes;
  const scales = scalesOf(sizes);
  const patches = gridSize(vision, config.imageSize) ** 2;
  return {
    scoreRule: config.score === "map"
      ? "maximum of the map beside good images"
      : "mean of the class token's probability and the largest distance to " +
        "good images",
    banks: new Map([
      ...scales.map((windows): [string, number[]] => [
        `windows.${windows.side}`,
        [windowsPerRow(windows) ** 2, projectionDim],
      ]),
      ...config.patches === "none"
        ? []
        : [["patches", [patches, vision.hiddenSize]] as [string, number[]]],
    ]),
    features: (g) => features(g, sizes),
    join: (g, found, { banks, smooth }) => {
      const association = associationMap(g, { found, banks }, sizes);
      return join(g, { found, association, smooth }, config);
    },
  };
}

function features(g: GraphBuilder, sizes: WinClipSizes): Named {
  const { clip, config } = sizes;
  const rgb = byteImages(g, config.imageSize);
  const text = textInput(g, clip);
  const found = findFeatures(g, rgb, sizes);
  return {
    ...compareWithText(g, { features: found, text }, config),
    ...comparedFeatures(g, found),
  };
}

/** What is learned of good images. */
export function comparedFeatures(
  g: GraphBuilder,
  found: WinClipFeatures,
): Named {
  const windows = found.scales.map(({ windows: { side }, features }) =>
    [`windows.${side}`, g.cast(features, "wide")] as const
  );
  const { patches } = found;
  return {
    ...Object.fromEntries(windows),
    ...patches === null ? {} : { patches: g.cast(patches, "wide") },
  };
}

/** Half of the distance to the nearest, which is from 0 to 1. */
function distance(g: GraphBuilder, features: Value, bank: Value): Value {
  const half = g.multiply(nearestCosineDistance(g, features, bank), 0.5);
  return g.maximum(half, FLOOR);
}

/** Mean over patches and windows of each scale [B, P]. */
function associationMap(
  g: GraphBuilder,
  { found, banks }: { found: Named; banks: Named },
  sizes: WinClipSizes,
): Value {
  const { config: { patches, association } } = sizes;
  const of = (name: string) => distance(g, found[name]!, banks[name]!);
  const maps = scalesOf(sizes).map((windows) => {
    const distances = of(`windows.${windows.side}`);
    if (association === "mean") return spreadWindows(g, distances, windows);
    return g.divide(1, spreadWindows(g, g.divide(1, distances), windows));
  });
  if (patches !== "none") maps.push(of("patches"));
  const sum = maps.reduce((a, b) => g.add(a, b));
  return g.multiply(sum, 1 / maps.length);
}

/** Both states from the probability of the abnormal one, [B, ...]. */
function withRest(g: GraphBuilder, x: Value): Value {
  const [batch, ...rest] = x.shape as [number, ...number[]];
  const column = g.reshape(x, [batch, 1, ...rest]);
  return g.concat([g.subtract(1, column), column], 1);
}

function mean(g: GraphBuilder, a: Value, b: Value): Value {
  return g.multiply(g.add(a, b), 0.5);
}

/** 1 / (1 / a + 1 / b). */
function harmonicSum(g: GraphBuilder, a: Value, b: Value): Value {
  const inverse = (x: Value) => g.divide(1, g.maximum(x, FLOOR));
  return g.divide(1, g.add(inverse(a), inverse(b)));
}

function join(
  g: GraphBuilder,
  { found, association, smooth }: {
    found: Named;
    association: Value;
    smooth: number;
  },
  config: WinClipConfig,
): DetectionValues {
  const byText = stateProbabilities(g, found.language!); // [B, 2, P]
  const byImages = withRest(g, association);
  const abnormal = g.reshape(g.slice(byText, 1, 1, 2), association.shape);
  const joined = config.fusion === "harmonic"
    ? withRest(g, harmonicSum(g, abnormal, association))
    : mean(g, byText, byImages);
  const seen = readDetection(g, enlarge(g, joined, config), smooth);
  if (config.score === "map") return seen;
  const [batch] = association.shape as [number];
  const most = g.reshape(g.reduceMax(association, [1]), [batch]);
  const token = stateProbabilities(g, g.reshape(found.image!, [batch]));
  return { ...seen, ...readScore(g, mean(g, token, withRest(g, most))) };
}
