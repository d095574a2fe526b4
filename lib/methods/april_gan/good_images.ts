/**
 * APRIL-GAN with good images: patch tokens of some blocks are compared with
 * theirs.
 *
 * @module
 */
import { gridSize } from "../../clip/vision_transformer.ts";
import type { GraphBuilder } from "../../graph/builder.ts";
import type { Value } from "../../graph/graph.ts";
import { l2Normalize } from "../../graph/nn.ts";
import {
  channel,
  type DetectionValues,
  readMaps,
  readScore,
} from "../anomaly_map.ts";
import { byteImages, textInput } from "../inputs.ts";
import { stateProbabilities } from "../logits.ts";
import type { GoodImageRules } from "../good_image_rules.ts";
import { nearestCosineDistance } from "../nearest.ts";
import type { AprilGanConfig } from "./config.ts";
import {
  aprilGan,
  type AprilGanSizes,
  type AprilGanValues,
  enlarge,
  meanLayer,
} from "./model.ts";

type Named = Readonly<Record<string, Value>>;

/** The published way, but for the score, which needs no other image. */
export function goodImageRules(sizes: AprilGanSizes): GoodImageRules {
  const { clip: { vision }, config } = sizes;
  const patches = gridSize(vision, config.imageSize) ** 2;
  return {
    scoreRule: "mean of the class token's probability and the maximum of the " +
      "map beside good images",
    publishedScores,
    banks: new Map(
      config.memoryTaps.map((tap) => [
        `patches.${tap}`,
        [patches, vision.hiddenSize],
      ]),
    ),
    features: (g) => features(g, sizes),
    join: (g, found, { banks, smooth }) => {
      const distances = config.memoryTaps.map((tap) => {
        const name = `patches.${tap}`;
        const bank = banks[name]!;
        const nearest = nearestCosineDistance(g, found[name]!, bank);
        return enlarge(g, nearest, config);
      });
      return join(g, { found, distances, smooth }, config);
    },
  };
}

/**
 * The mean of the class token's probability and the maximum of the map, brought
 * to 0 to 1 over all images.
 */
export function publishedScores(
  scores: readonly number[],
  maxima: readonly number[],
): number[] {
  const least = maxima.reduce((a, b) => Math.min(a, b), Infinity);
  const spread = maxima.reduce((a, b) => Math.max(a, b), -Infinity) - least;
  return scores.map((score, i) => {
    const token = 2 * score - maxima[i]!;
    const scaled = spread > 0 ? (maxima[i]! - least) / spread : 0;
    return 0.5 * (token + scaled);
  });
}

function features(g: GraphBuilder, sizes: AprilGanSizes): Named {
  const { clip, config: { imageSize, memoryTaps } } = sizes;
  const rgb = byteImages(g, imageSize);
  const text = textInput(g, clip);
  const values = aprilGan(g, { rgb, text }, sizes, memoryTaps);
  return comparedFeatures(g, values, sizes.config);
}

/** What is learned of good images, and what else is joined with it. */
export function comparedFeatures(
  g: GraphBuilder,
  { layers, image, blocks }: AprilGanValues,
  { memoryTaps }: AprilGanConfig,
): Named {
  const kept = memoryTaps.map((tap) => {
    const unit = l2Normalize(g, blocks.get(tap)!);
    return [`patches.${tap}`, g.cast(unit, "wide")] as const;
  });
  const by_text = meanLayer(g, layers); // [B, 2, H, H]
  return { by_text, image, ...Object.fromEntries(kept) };
}

/**
 * Weights of the mean probability and the mean distance, so that M is the
 * published map divided by its largest value: distances go up to 2.
 */
function weights(
  { taps, memoryTaps, reduce }: AprilGanConfig,
): readonly [byText: number, byImages: number] {
  const [t, m] = reduce === "mean" ? [1, 1] : [taps.length, memoryTaps.length];
  return [t / (t + 2 * m), m / (t + 2 * m)];
}

function join(
  g: GraphBuilder,
  { found, distances, smooth }: {
    found: Named;
    distances: readonly Value[];
    smooth: number;
  },
  config: AprilGanConfig,
): DetectionValues {
  const sum = distances.reduce((a, b) => g.add(a, b));
  const distance = g.multiply(sum, 1 / distances.length); // [B, H, H]
  const [batch, side] = distance.shape as [number, number];
  const column = g.reshape(distance, [batch, 1, side, side]);
  const byImages = g.concat([g.subtract(2, column), column], 1);
  const [t, m] = weights(config);
  const joined = g.add(
    g.multiply(found.by_text!, t),
    g.multiply(byImages, m),
  ); // [B, 2, H, H]
  const reduced = (x: Value) => g.reshape(x, [batch, 1]);
  const most = g.reduceMax(channel(g, joined, 1), [1, 2]);
  const least = g.reduceMin(channel(g, joined, 0), [1, 2]);
  const ofMap = g.concat([reduced(least), reduced(most)], 1); // [B, 2]
  const token = stateProbabilities(g, g.reshape(found.image!, [batch]));
  const score = readScore(g, g.multiply(g.add(token, ofMap), 0.5));
  return { ...readMaps(g, joined, smooth), ...score };
}
