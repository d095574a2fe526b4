/**
 * The head before training (reading 20 of the paper).
 *
 * @module
 */
import type { Shapes } from "../../checkpoint/check_weights.ts";
import { drawHead } from "../draw_head.ts";

/** Layers that start as the identity of their first input. */
const IDENTITIES = ["i2tp.mixing", "mp.fusion"];

const PROMPT_TOKENS = "sp.prompt_tokens";
const PROMPT_DEVIATION = 0.02;

/** Number `index` of [I, 0]: the identity, with zeros in the columns beyond. */
function identity([, columns = 0]: readonly number[], index: number): number {
  return index % columns === Math.floor(index / columns) ? 1 : 0;
}

/**
 * Makes a new head. Linear layers start as in PyTorch: weights and biases are
 * uniform within 1 / sqrt(fan in). Prompt tokens are normal with deviation
 * 0.02. Mixing and fusion are exactly [I, 0] without a bias, so that the model
 * starts with the features of plain CLIP. A tensor depends on the seed and its
 * name alone.
 *
 * @param shapes Name -> shape of every tensor of the head.
 * @returns Name -> values in row-major order.
 */
export function initialiseHead(
  shapes: Shapes,
  seed: number,
): Map<string, Float32Array> {
  return drawHead(shapes, seed, ({ name, shape, fanIn }, random, index) => {
    if (name === PROMPT_TOKENS) return random.normal(PROMPT_DEVIATION);
    if (IDENTITIES.some((layer) => name === `${layer}.weight`)) {
      return identity(shape, index);
    }
    if (IDENTITIES.some((layer) => name === `${layer}.bias`)) return 0;
    return random.about(fanIn! ** -0.5);
  });
}
