/**
 * Delays: values that an engine cannot compute early.
 *
 * Values that a backward pass computes again must be computed late. An engine
 * that runs nodes as early as possible would hold them through the whole pass;
 * one that merges equal nodes would hold the first ones. A term that is zero
 * makes such a value depend on a cotangent, so it cannot be computed before.
 *
 * @module
 */
import type { GraphBuilder } from "./builder.ts";
import type { Value } from "./graph.ts";

/** 0 as a scalar, which cannot be computed before `dependency`. */
function zeroAfter(g: GraphBuilder, dependency: Value): Value {
  const corner = dependency.shape.reduce(
    (x, size, axis) => size > 1 ? g.slice(x, axis, 0, 1) : x,
    dependency,
  );
  const free = corner.shape.flatMap((size, axis) => size < 0 ? [axis] : []);
  const element = free.length === 0 ? corner : g.reduceMax(corner, free);
  return g.multiply(g.reshape(element, []), 0);
}

/** A number as a scalar of `dependency`'s type, not computed before it. */
export function numberAfter(
  g: GraphBuilder,
  number: number,
  dependency: Value,
): Value {
  return g.add(zeroAfter(g, dependency), number);
}

/** x itself, not computed before `dependency`. */
export function valueAfter(
  g: GraphBuilder,
  x: Value,
  dependency: Value,
): Value {
  return g.add(x, g.cast(zeroAfter(g, dependency), x.type));
}
