/**
 * Making an engine wait.
 *
 * Values that a backward pass computes once more must be computed late: an
 * engine that runs nodes as early as it can would keep them through the whole
 * pass, and one that merges equal nodes would keep the first ones instead. So
 * they are made to depend on a cotangent, by a term that is zero.
 *
 * @module
 */
import type { GraphBuilder } from "./builder.ts";
import type { Value } from "./graph.ts";

/** 0 as a scalar, known only once `dependency` is. */
function zeroAfter(g: GraphBuilder, dependency: Value): Value {
  const corner = dependency.shape.reduce(
    (x, size, axis) => size > 1 ? g.slice(x, axis, 0, 1) : x,
    dependency,
  );
  const free = corner.shape.flatMap((size, axis) => size < 0 ? [axis] : []);
  const element = free.length === 0 ? corner : g.reduceMax(corner, free);
  return g.multiply(g.reshape(element, []), 0);
}

/** A number as a scalar of `dependency`'s type, known only once that is. */
export function numberAfter(
  g: GraphBuilder,
  number: number,
  dependency: Value,
): Value {
  return g.add(zeroAfter(g, dependency), number);
}

/** x itself, known only once `dependency` is. */
export function valueAfter(
  g: GraphBuilder,
  x: Value,
  dependency: Value,
): Value {
  return g.add(x, g.cast(zeroAfter(g, dependency), x.type));
}
