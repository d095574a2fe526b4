/**
 * The head before training (reading 20 of the paper).
 *
 * @module
 */
import type { Shapes } from "../../checkpoint/check_weights.ts";
import { Random } from "../../random.ts";

/** Layers that start as the identity of their first input. */
const IDENTITIES = ["i2tp.mixing", "mp.fusion"];

const PROMPT_TOKENS = "sp.prompt_tokens";
const PROMPT_DEVIATION = 0.02;

/** [I, 0]: the identity, with zeros in the columns beyond it. */
function identity([rows = 0, columns = 0]: readonly number[]): Float32Array {
  const data = new Float32Array(rows * columns);
  for (let i = 0; i < Math.min(rows, columns); i++) data[i * columns + i] = 1;
  return data;
}

function uniform(length: number, reach: number, random: Random): Float32Array {
  return Float32Array.from({ length }, () => random.about(reach));
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
  const start = (name: string, shape: readonly number[]) => {
    const length = shape.reduce((product, size) => product * size, 1);
    const random = new Random(`head/${seed}/${name}`);
    if (name === PROMPT_TOKENS) {
      return Float32Array.from(
        { length },
        () => random.normal(PROMPT_DEVIATION),
      );
    }
    const layer = name.slice(0, name.lastIndexOf("."));
    if (IDENTITIES.includes(layer)) {
      return name.endsWith(".weight")
        ? identity(shape)
        : new Float32Array(length);
    }
    const fanIn = shapes.get(`${layer}.weight`)![1]!;
    return uniform(length, fanIn ** -0.5, random);
  };
  return new Map(
    [...shapes].map(([name, shape]) => [name, start(name, shape)]),
  );
}
