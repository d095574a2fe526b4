/**
 * Attention of a vision tower before training.
 *
 * @module
 */
import type { VisionConfig } from "../clip/config.ts";
import { Random } from "../random.ts";
import type { NamedArrays } from "../training/optimiser.ts";

/** Scale of the part that queries and keys share, and of the key's own part. */
const COMMON = 1.4;
const OWN = 0.3;

/** Scale of the part of the value that is subtracted, and of the random part. */
const TAKEN = 0.7;
const RANDOM = 0.3;

/** A random orthogonal matrix [size, size], by Gram and Schmidt. */
function orthogonal(size: number, random: Random): Float64Array[] {
  const rows: Float64Array[] = [];
  while (rows.length < size) {
    const row = Float64Array.from({ length: size }, () => random.about(1));
    for (const _round of [1, 2]) { // the second removes rounding errors
      for (const other of rows) {
        const share = row.reduce((sum, x, i) => sum + x * other[i]!, 0);
        other.forEach((x, i) => row[i]! -= share * x);
      }
    }
    const norm = Math.hypot(...row);
    rows.push(row.map((x) => x / norm));
  }
  return rows;
}

/**
 * Initialises attention so that each patch attends to similar patches and
 * subtracts what they have in common. What remains is how a patch differs from
 * similar ones. Trained towers have such weights (Trockman and Kolter, "Mimetic
 * Initialization of Self-Attention Layers", 2023).
 *
 * @param tensors The tensors of CLIP; attention of the vision tower is changed
 * in place.
 */
export function startAttention(
  tensors: NamedArrays,
  { hiddenSize: width, numHiddenLayers }: VisionConfig,
  seed: number,
): void {
  for (let block = 0; block < numHiddenLayers; block++) {
    const path = `vision_model.encoder.layers.${block}.self_attn`;
    const of = (name: string) => tensors.get(`${path}.${name}_proj.weight`)!;
    const [query, key, value, out] = [of("q"), of("k"), of("v"), of("out")];
    query.forEach((x, i) => {
      query[i] = COMMON * x;
      key[i] = COMMON * x + OWN * key[i]!;
    });
    const turn = orthogonal(width, new Random(`attention/${seed}/${block}`));
    for (let i = 0; i < width; i++) {
      for (let j = 0; j < width; j++) {
        const [at, transposed] = [i * width + j, j * width + i];
        value[at] = TAKEN * turn[i]![j]! + RANDOM * value[at]!;
        out[transposed] = -TAKEN * turn[i]![j]! + RANDOM * out[transposed]!;
      }
    }
  }
}
