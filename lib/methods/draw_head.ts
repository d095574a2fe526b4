/**
 * New heads, drawn tensor by tensor.
 *
 * @module
 */
import type { Shapes } from "../checkpoint/check_weights.ts";
import { Random } from "../random.ts";

/** A tensor that is to be drawn. */
export interface NewTensor {
  /** Its name. */
  readonly name: string;
  /** Its shape. */
  readonly shape: readonly number[];
  /** Inputs of the Linear layer that it belongs to; undefined beside layers. */
  readonly fanIn: number | undefined;
}

/**
 * Makes a new head. A tensor depends on the seed and its name alone.
 *
 * @param shapes Name -> shape of every tensor of the head.
 * @param value Gives one number after the other, in row-major order.
 * @returns Name -> values in row-major order.
 */
export function drawHead(
  shapes: Shapes,
  seed: number,
  value: (tensor: NewTensor, random: Random, index: number) => number,
): Map<string, Float32Array> {
  return new Map(
    [...shapes].map(([name, shape]) => {
      const length = shape.reduce((product, size) => product * size, 1);
      const layer = name.slice(0, name.lastIndexOf("."));
      const fanIn = shapes.get(`${layer}.weight`)?.[1];
      const random = new Random(`head/${seed}/${name}`);
      const tensor = { name, shape, fanIn };
      const next = (_: unknown, i: number) => value(tensor, random, i);
      return [name, Float32Array.from({ length }, next)];
    }),
  );
}
