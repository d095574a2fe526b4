/**
 * CLIP and the CNN before training.
 *
 * @module
 */
import type { Shapes } from "../checkpoint/check_weights.ts";
import { Random } from "../random.ts";

/**
 * Half the width of the uniform distribution of a tensor: that of PyTorch for
 * linear layers, of He for convolutions, and of CLIP for the rest.
 */
function reach(name: string, shape: readonly number[]): number {
  const spread = Math.sqrt(3);
  if (/^(vision_model\.embeddings\.(class|position)|text_proj)/.test(name)) {
    return spread / Math.sqrt(shape.at(-1)!);
  }
  if (/position_embedding/.test(name)) return 0.01 * spread;
  if (/embedding/.test(name)) return 0.02 * spread;
  const inputs = shape.slice(1).reduce((product, size) => product * size, 1);
  const isConvolution = shape.length === 4;
  return Math.sqrt((isConvolution ? 6 : 1) / inputs);
}

const NORM_REGEXP = /(norm\d?|bn\d|downsample\.1)\.(weight|bias)$/;

/** Log of the scale of cosines, as CLIP starts. */
const LOGIT_SCALE = Math.log(1 / 0.07);

/**
 * Makes new backbones. A tensor depends on the seed and its name alone.
 *
 * @param shapes Name -> shape of every tensor of CLIP, the CNN or both.
 * @returns Name -> values in row-major order.
 */
export function initialiseBackbone(
  shapes: Shapes,
  seed: number,
): Map<string, Float32Array> {
  const start = (name: string, shape: readonly number[]) => {
    const size = shape.reduce((product, side) => product * side, 1);
    const filled = (value: number) => new Float32Array(size).fill(value);
    const isBias = name.endsWith(".bias");
    if (name === "logit_scale") return filled(LOGIT_SCALE);
    if (name.endsWith(".running_mean")) return filled(0);
    if (name.endsWith(".running_var")) return filled(1);
    if (NORM_REGEXP.test(name)) return filled(isBias ? 0 : 1);
    const width = reach(name, shapes.get(name.replace(/bias$/, "weight"))!);
    const random = new Random(`backbone/${seed}/${name}`);
    return filled(0).map(() => random.about(width));
  };
  return new Map(
    [...shapes].map(([name, shape]) => [name, start(name, shape)]),
  );
}
