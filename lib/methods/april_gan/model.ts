/**
 * APRIL-GAN as a tensor program: a Linear for each tapped block takes patch
 * tokens into the space of the text.
 *
 * @module
 */
import { linearLayer } from "../../clip/transformer.ts";
import {
  embedPatches,
  enterTower,
  imageFeatures,
  visionBlock,
} from "../../clip/vision_transformer.ts";
import type { GraphBuilder } from "../../graph/builder.ts";
import type { Value } from "../../graph/graph.ts";
import { l2Normalize } from "../../graph/nn.ts";
import { bilinearMatrix, resampleImage } from "../../graph/resample.ts";
import type { ClipSizes } from "../clip_architecture.ts";
import { normalise } from "../inputs.ts";
import {
  abnormalDirection,
  abnormalLogits,
  logitScale,
  stateProbabilities,
} from "../logits.ts";
import type { AprilGanConfig } from "./config.ts";

/** Everything that fixes the shapes of a model. */
export type AprilGanSizes = ClipSizes<AprilGanConfig>;

/** What the model computes. */
export interface AprilGanValues {
  /** Probabilities of both states for each tap [B, 2, H, H]. */
  readonly layers: readonly Value[];
  /** Logit of the class token [B, 1]. */
  readonly image: Value;
  /** Patch tokens after each block that is read [B, P, Dv], counted from 1. */
  readonly blocks: ReadonlyMap<number, Value>;
}

/**
 * The whole model.
 *
 * @param inputs Images `rgb` in [0, 1], [B, 3, H, H], and text features `text`
 * [B, 2, Dt].
 * @param read Blocks whose patch tokens are wanted besides the taps.
 */
export function aprilGan(
  g: GraphBuilder,
  { rgb, text }: { rgb: Value; text: Value },
  sizes: AprilGanSizes,
  read: readonly number[] = [],
): AprilGanValues {
  const { clip, config } = sizes;
  const scale = logitScale(g, config.logitScale);
  const direction = abnormalDirection(g, text, scale);
  const { last, blocks } = visionTower(g, rgb, sizes, read);
  const layers = config.taps.map((tap, i) => {
    const name = `fc.${i}`;
    const tokens = blocks.get(tap)!;
    const feature = linearLayer(g, tokens, { name, width: clip.projectionDim });
    const unit = l2Normalize(g, feature); // [B, P, Dt]
    const logits = abnormalLogits(g, unit, direction); // [B, P]
    return stateProbabilities(g, enlarge(g, logits, config));
  });
  const [batch, , width] = last.shape as [number, number, number];
  const token = g.reshape(g.slice(last, 1, 0, 1), [batch, width]);
  const feature = l2Normalize(g, imageFeatures(g, token, clip));
  const row = g.reshape(feature, [batch, 1, clip.projectionDim]);
  return { layers, image: abnormalLogits(g, row, direction), blocks };
}

interface Tower {
  /** All tokens after the last block [B, 1 + P, Dv]. */
  readonly last: Value;
  /** Patch tokens after each tapped block [B, P, Dv], counted from 1. */
  readonly blocks: ReadonlyMap<number, Value>;
}

/** The residual stream: neither normalised nor projected. */
function visionTower(
  g: GraphBuilder,
  rgb: Value,
  { clip: { vision }, config }: AprilGanSizes,
  read: readonly number[],
): Tower {
  const image = normalise(g, rgb);
  const antialias = config.posAntialias;
  const patches = embedPatches(g, image, vision, { antialias });
  let x = enterTower(g, patches, vision);
  const count = x.shape[1]!;
  const blocks = new Map<number, Value>();
  for (let block = 1; block <= vision.numHiddenLayers; block++) {
    const entering = x;
    x = g.segment(() => visionBlock(g, entering, { vision, index: block - 1 }));
    if ([...config.taps, ...read].includes(block)) {
      blocks.set(block, g.slice(x, 1, 1, count));
    }
  }
  return { last: x, blocks };
}

/** One value for each patch [B, P] -> [B, H, H]. */
export function enlarge(
  g: GraphBuilder,
  x: Value,
  { imageSize, alignCorners }: AprilGanConfig,
): Value {
  const [batch, patches] = x.shape as [number, number];
  const grid = Math.sqrt(patches);
  const matrix = bilinearMatrix(imageSize, grid, { alignCorners });
  return resampleImage(g, g.reshape(x, [batch, grid, grid]), matrix);
}

/** The mean over the taps [B, 2, H, H]. */
export function meanLayer(g: GraphBuilder, layers: readonly Value[]): Value {
  const sum = layers.reduce((a, b) => g.add(a, b));
  return g.multiply(sum, 1 / layers.length);
}
