/**
 * AnomalyCLIP's image side: from some block on a second path, where values
 * attend to values ("DPAM"), sums the outputs of attention.
 *
 * @module
 */
import { attend, feedForward, projectTokens } from "../../clip/transformer.ts";
import {
  embedPatches,
  enterTower,
  imageFeatures,
  projectImage,
  visionBlock,
  visionBlockOf,
} from "../../clip/vision_transformer.ts";
import type { ClipConfig, VisionConfig } from "../../clip/config.ts";
import type { GraphBuilder } from "../../graph/builder.ts";
import type { Value } from "../../graph/graph.ts";
import { l2Normalize } from "../../graph/nn.ts";
import type { ClipSizes } from "../clip_architecture.ts";
import { normalise } from "../inputs.ts";
import type { AnomalyClipConfig } from "./config.ts";

/** Both paths, tokens [B, 1 + P, Dv]. */
interface Paths {
  /** CLIP's own. */
  readonly own: Value;
  /** The V-V path; null before it begins. */
  readonly vv: Value | null;
}

/**
 * A block with both paths. Both read CLIP's own tokens. The V-V path has no
 * MLP, and begins with the tokens that enter its first block.
 */
function dualBlock(
  g: GraphBuilder,
  { own, vv }: Paths,
  { vision, index }: { vision: VisionConfig; index: number },
): Paths {
  const block = visionBlockOf(vision, index);
  return g.scope(block.name, () => {
    const projected = projectTokens(g, own, block);
    const [, , v] = projected;
    const alike = attend(g, [v, v, v], block);
    const attended = g.add(own, attend(g, projected, block));
    return {
      own: g.add(attended, feedForward(g, attended, block)),
      vv: g.add(vv ?? own, alike),
    };
  });
}

/** Patches of one tap in the joint space, unit features [B, P, Dt]. */
function patchFeatures(
  g: GraphBuilder,
  tokens: Value,
  clip: ClipConfig,
): Value {
  const patches = g.slice(tokens, 1, 1, tokens.shape[1]!);
  return l2Normalize(g, imageFeatures(g, patches, clip));
}

/** The class token in the joint space, unit feature [B, 1, Dt]. */
function classFeature(
  g: GraphBuilder,
  tokens: Value,
  { clip, config }: ClipSizes<AnomalyClipConfig>,
): Value {
  const token = g.slice(tokens, 1, 0, 1); // [B, 1, Dv]
  const project = config.classNorm ? imageFeatures : projectImage;
  return l2Normalize(g, project(g, token, clip));
}

/** Name of a tap's patches among the {@linkcode imageSide}'s features. */
export function patchesName(tap: number): string {
  return `patches.${tap}`;
}

/** Name of the class token's feature. */
export const CLASS_TOKEN = "class";

/** The taps without repetition, in the order of the blocks. */
export function tapsOf({ taps }: Pick<AnomalyClipConfig, "taps">): number[] {
  return [...new Set(taps)].sort((a, b) => a - b);
}

/**
 * What the text is compared with. Nothing on this side is trained.
 *
 * @param rgb Images in [0, 1], [B, 3, H, H].
 * @returns Unit features: `class` [B, 1, Dt], and `patches.TAP` [B, P, Dt] of
 * each tap.
 */
export function imageSide(
  g: GraphBuilder,
  rgb: Value,
  sizes: ClipSizes<AnomalyClipConfig>,
): Readonly<Record<string, Value>> {
  const { clip, config } = sizes;
  const { vision } = clip;
  const image = normalise(g, rgb);
  const patches = embedPatches(g, image, vision, {
    interpolation: config.position,
  });
  const taps = tapsOf(config);
  const found: Record<string, Value> = {};
  let paths: Paths = { own: enterTower(g, patches, vision), vv: null };
  for (let block = 1; block <= vision.numHiddenLayers; block++) {
    const at = { vision, index: block - 1 };
    const entering = paths;
    paths = block < config.vvFrom || block > taps.at(-1)!
      ? { own: g.segment(() => visionBlock(g, entering.own, at)), vv: null }
      : dualBlock(g, entering, at);
    if (!taps.includes(block)) continue;
    const tokens = paths.vv ?? paths.own;
    found[patchesName(block)] = patchFeatures(g, tokens, clip);
  }
  return { ...found, [CLASS_TOKEN]: classFeature(g, paths.own, sizes) };
}
