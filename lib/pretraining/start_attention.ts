/**
 * How a vision tower attends before any training.
 *
 * @module
 */
import type { VisionConfig } from "../clip/config.ts";
import { Random } from "../random.ts";
import type { NamedArrays } from "../training/optimiser.ts";

/** How much queries and keys have in common, and how much is the key's own. */
const COMMON = 1.4;
const OWN = 0.3;

/** What patches that are attended to take away, and how much is left random. */
const TAKEN = 0.7;
const RANDOM = 0.3;

/** A random orthogonal matrix [size, size], by Gram and Schmidt. */
function orthogonal(size: number, random: Random): Float64Array[] {
  const rows: Float64Array[] = [];
  while (rows.length < size) {
    const row = Float64Array.from({ length: size }, () => random.about(1));
    for (const _round of [1, 2]) { // the second takes away rounding
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
 * Lets each patch attend to those that are like it, and take away what they
 * have in common: what is left is how a patch differs from its likes. Trained
 * towers come to look so, as Trockman and Kolter found ("Mimetic Initialization
 * of Self-Attention Layers", 2023).
 *
 * @param tensors Those of CLIP; attention of the vision tower is changed.
 * @param vision Sizes of the tower.
 * @param seed Any number.
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
