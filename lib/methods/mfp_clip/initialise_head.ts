/**
 * The head before training (reading 20 of the paper).
 *
 * @module
 */
import type { Shapes } from "../../checkpoint/check_weights.ts";
import { Random } from "../../random.ts";

/** Layers that start by passing their first input on unchanged. */
const IDENTITIES = ["i2tp.mixing", "mp.fusion"];

const PROMPT_TOKENS = "sp.prompt_tokens";
const PROMPT_DEVIATION = 0.02;

/** [I, 0], whatever lies right of the square being 0. */
function identity([rows = 0, columns = 0]: readonly number[]): Float32Array {
  const data = new Float32Array(rows * columns);
  for (let i = 0; i < Math.min(rows, columns); i++) data[i * columns + i] = 1;
  return data;
}

function uniform(length: number, reach: number, random: Random): Float32Array {
  return Float32Array.from({ length }, () => random.about(reach));
}

/** Box and Muller's normal numbers. */
function normal(
  length: number,
  deviation: number,
  random: Random,
): Float32Array {
  return Float32Array.from({ length }, () => {
    const radius = Math.sqrt(-2 * Math.log(1 - random.between(0, 1)));
    const angle = 2 * Math.PI * random.between(0, 1);
    return deviation * radius * Math.cos(angle);
  });
}

/**
 * Starts a head afresh. Linear layers start as PyTorch's do, weights and biases
 * uniform within 1 / sqrt(fan in); prompt tokens are normal with deviation
 * 0.02; mixing and fusion are exactly [I, 0] without a bias, so that the model
 * first sees what plain CLIP sees. A tensor depends on the seed and its name
 * alone.
 *
 * @param shapes Name -> shape of every tensor of the head.
 * @param seed Any number.
 * @returns The numbers of each tensor, row by row.
 */
export function initialiseHead(
  shapes: Shapes,
  seed: number,
): Map<string, Float32Array> {
  const start = (name: string, shape: readonly number[]) => {
    const length = shape.reduce((product, size) => product * size, 1);
    const random = new Random(`head/${seed}/${name}`);
    if (name === PROMPT_TOKENS) return normal(length, PROMPT_DEVIATION, random);
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
