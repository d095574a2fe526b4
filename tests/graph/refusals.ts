/**
 * Programs that the shape rules must refuse.
 *
 * @module
 */
import assert from "node:assert/strict";
import { GraphBuilder } from "../../lib/graph/builder.ts";
import type { Value } from "../../lib/graph/graph.ts";
import type { ElementType, Primitive } from "../../lib/graph/primitives.ts";
import type { Shape } from "../../lib/graph/shape.ts";

/** A program and why it is refused. */
export interface Refusal {
  /** The primitive that refuses it. */
  readonly at: Primitive;
  /** @default {"TypeError"} */
  readonly name?: "TypeError" | "RangeError";
  /** Writes it. */
  readonly build: (g: GraphBuilder, of: typeof input) => Value;
  /** The message, without the place in the program. */
  readonly message: string;
}

/** A value called after its rank. */
export function input(
  g: GraphBuilder,
  shape: Shape,
  type: ElementType = "float",
): Value {
  return g.input(`x${shape.length}`, shape, type);
}

/** Checks that programs are refused, with their messages. */
export function assertRefused(refusals: readonly Refusal[]): void {
  for (const { at, name = "TypeError", build, message } of refusals) {
    assert.throws(() => build(new GraphBuilder(), input), {
      name,
      message: `${message} (at /${at})`,
    });
  }
}
