/**
 * The parts of CLIP's vision tower: patches, positions, blocks.
 *
 * @module
 */
import type { GraphBuilder } from "../graph/builder.ts";
import type { Value } from "../graph/graph.ts";
import {
  bicubicMatrix,
  bilinearMatrix,
  resampleTokens,
  smoothBicubicMatrix,
} from "../graph/resample.ts";
import type { ClipConfig, VisionConfig } from "./config.ts";
import { type Block, normLayer, transformerBlock } from "./transformer.ts";

const EMBEDDINGS = "vision_model.embeddings";

/** Patches along one side of an image of `side` pixels. */
export function gridSize(vision: VisionConfig, side: number): number {
  return Math.floor(side / vision.patchSize);
}

/** Options of {@linkcode embedPatches}. */
export interface PositionOptions {
  /**
   * Whether positions are interpolated as with PyTorch's `antialias=True`.
   * open_clip does so, Hugging Face does not; they differ at the border.
   *
   * @default {false}
   */
  readonly antialias?: boolean;
  /**
   * How positions are interpolated without antialiasing.
   *
   * @default {"bicubic"}
   */
  readonly interpolation?: "bicubic" | "bilinear";
}

/**
 * Cuts a normalised image into patches and embeds each, with its position
 * (equation 15): [B, 3, H, H] -> [B, P, Dv].
 */
export function embedPatches(
  g: GraphBuilder,
  image: Value,
  vision: VisionConfig,
  options: PositionOptions = {},
): Value {
  return g.scope("patches", () => {
    const { hiddenSize: width, patchSize } = vision;
    const grid = gridSize(vision, image.shape[3]!);
    const kernel = g.parameter(`${EMBEDDINGS}.patch_embedding.weight`, [
      width,
      3,
      patchSize,
      patchSize,
    ]);
    const x = g.conv2d(image, kernel, { stride: patchSize, padding: 0 });
    const channels = g.reshape(x, [image.shape[0]!, width, grid * grid]);
    const tokens = g.transpose(channels, [0, 2, 1]); // [B, P, Dv]
    return g.add(tokens, patchPositions(g, vision, grid, options));
  });
}

function positions(g: GraphBuilder, vision: VisionConfig): Value {
  const trained = gridSize(vision, vision.imageSize);
  return g.parameter(`${EMBEDDINGS}.position_embedding.weight`, [
    trained * trained + 1,
    vision.hiddenSize,
  ]);
}

/** Position embeddings of a grid, interpolated where it was trained smaller. */
function patchPositions(
  g: GraphBuilder,
  vision: VisionConfig,
  grid: number,
  { antialias = false, interpolation = "bicubic" }: PositionOptions,
): Value {
  const trained = gridSize(vision, vision.imageSize);
  const cells = trained * trained;
  const rows = g.slice(positions(g, vision), 0, 1, cells + 1);
  const tokens = g.reshape(rows, [1, cells, vision.hiddenSize]);
  if (grid === trained) return tokens;
  const matrix = antialias
    ? smoothBicubicMatrix
    : interpolation === "bicubic"
    ? bicubicMatrix
    : bilinearMatrix;
  return resampleTokens(g, tokens, matrix(grid, trained));
}

/**
 * Puts the class token in front of patch tokens: [B, P, Dv] ->
 * [B, 1 + P, Dv].
 */
export function withClassToken(
  g: GraphBuilder,
  patches: Value,
  vision: VisionConfig,
): Value {
  const { hiddenSize: width } = vision;
  const embedding = g.parameter(`${EMBEDDINGS}.class_embedding`, [width]);
  const token = g.add(embedding, g.slice(positions(g, vision), 0, 0, 1));
  const first = g.broadcastTo(g.reshape(token, [1, 1, width]), [
    patches.shape[0]!,
    1,
    width,
  ]);
  return g.concat([first, patches], 1);
}

/** The layer norm before the first block, over tokens [..., Dv]. */
export function normaliseTokens(
  g: GraphBuilder,
  tokens: Value,
  { layerNormEps: epsilon }: VisionConfig,
): Value {
  // Hugging Face's spelling of "pre-layer norm".
  return normLayer(g, tokens, { name: "vision_model.pre_layrnorm", epsilon });
}

/**
 * Puts the class token in front of patch tokens and normalises all:
 * [B, P, Dv] -> [B, 1 + P, Dv].
 */
export function enterTower(
  g: GraphBuilder,
  patches: Value,
  vision: VisionConfig,
): Value {
  return normaliseTokens(g, withClassToken(g, patches, vision), vision);
}

const BLOCK_MATRIX =
  /^vision_model\.encoder\.layers\.\d+\.(self_attn\.\w+_proj|mlp\.fc\d)\.weight$/;

/** Whether a parameter is a matrix of a block: nearly all work is theirs. */
export function isBlockMatrix(name: string): boolean {
  return BLOCK_MATRIX.test(name);
}

/** Block number `index`, counted from 0, over tokens [B, L, Dv]. */
export function visionBlock(
  g: GraphBuilder,
  x: Value,
  { vision, index }: { vision: VisionConfig; index: number },
): Value {
  return transformerBlock(g, x, visionBlockOf(vision, index));
}

/** Block number `index`, counted from 0, for what looks inside of it. */
export function visionBlockOf(vision: VisionConfig, index: number): Block {
  return { name: `vision_model.encoder.layers.${index}`, tower: vision };
}

/** The layer norm after the last block, over tokens [..., Dv]. */
export function normaliseOutput(
  g: GraphBuilder,
  tokens: Value,
  { layerNormEps: epsilon }: VisionConfig,
): Value {
  return normLayer(g, tokens, { name: "vision_model.post_layernorm", epsilon });
}

/**
 * CLIP's image feature, of the class tokens after the last block: [..., Dv] ->
 * [..., Dt]. It is not normalised.
 */
export function imageFeatures(
  g: GraphBuilder,
  classTokens: Value,
  clip: ClipConfig,
): Value {
  const normal = normaliseOutput(g, classTokens, clip.vision);
  return projectImage(g, normal, clip);
}

/** Takes tokens into the joint space: [..., Dv] -> [..., Dt]. */
export function projectImage(
  g: GraphBuilder,
  tokens: Value,
  { vision, projectionDim }: ClipConfig,
): Value {
  const projection = g.parameter("visual_projection.weight", [
    projectionDim,
    vision.hiddenSize,
  ]);
  return g.matMul(tokens, projection, { transposeB: true });
}
