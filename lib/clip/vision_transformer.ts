/**
 * The parts of CLIP's vision tower: patches, positions, blocks.
 *
 * @module
 */
import type { GraphBuilder } from "../graph/builder.ts";
import type { Value } from "../graph/graph.ts";
import { bicubicMatrix, resampleTokens } from "../graph/resample.ts";
import type { VisionConfig } from "./config.ts";
import { normLayer, transformerBlock } from "./transformer.ts";

const EMBEDDINGS = "vision_model.embeddings";

/** Patches along one side of an image of `side` pixels. */
export function gridSize(vision: VisionConfig, side: number): number {
  return Math.floor(side / vision.patchSize);
}

/**
 * Cuts a normalised image into patches and embeds each, with its position
 * (equation 15): [B, 3, H, H] -> [B, P, Dv].
 */
export function embedPatches(
  g: GraphBuilder,
  image: Value,
  vision: VisionConfig,
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
    return g.add(tokens, patchPositions(g, vision, grid));
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
): Value {
  const trained = gridSize(vision, vision.imageSize);
  const cells = trained * trained;
  const rows = g.slice(positions(g, vision), 0, 1, cells + 1);
  const tokens = g.reshape(rows, [1, cells, vision.hiddenSize]);
  if (grid === trained) return tokens;
  return resampleTokens(g, tokens, bicubicMatrix(grid, trained));
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
  const { hiddenSize: width, layerNormEps: epsilon } = vision;
  const embedding = g.parameter(`${EMBEDDINGS}.class_embedding`, [width]);
  const token = g.add(embedding, g.slice(positions(g, vision), 0, 0, 1));
  const first = g.broadcastTo(g.reshape(token, [1, 1, width]), [
    patches.shape[0]!,
    1,
    width,
  ]);
  const x = g.concat([first, patches], 1);
  // Hugging Face's spelling of "pre-layer norm".
  return normLayer(g, x, { name: "vision_model.pre_layrnorm", epsilon });
}

/** Block number `index`, counted from 0, over tokens [B, L, Dv]. */
export function visionBlock(
  g: GraphBuilder,
  x: Value,
  { vision, index }: { vision: VisionConfig; index: number },
): Value {
  const name = `vision_model.encoder.layers.${index}`;
  return transformerBlock(g, x, { name, tower: vision });
}
