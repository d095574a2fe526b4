/**
 * Reverse-mode differentiation of tensor programs.
 *
 * @module
 */
import type { GraphBuilder } from "./builder.ts";
import { COMPOSITE_VJP_RULES } from "./composite_vjp_rules.ts";
import type {
  CompositeKind,
  CompositeOf,
  Graph,
  NodeOf,
  Value,
} from "./graph.ts";
import { valueAfter } from "./delay.ts";
import type { Primitive } from "./primitives.ts";
import { sameShape, type Shape } from "./shape.ts";
import { groupUnits, type Unit } from "./units.ts";
import { notDifferentiable, type Pullbacks, VJP_RULES } from "./vjp_rules.ts";

/** Options of {@linkcode gradients}. */
export interface GradientOptions {
  /**
   * Whether the inside of a segment is computed once more in the backward
   * pass, rather than kept from the forward pass.
   *
   * @default {false}
   */
  readonly recompute?: boolean;
  /**
   * Whether composites are pulled back as a whole.
   *
   * @default {true}
   */
  readonly composites?: boolean;
}

/** Options of {@linkcode pullBack}. */
export interface PullBackOptions extends GradientOptions {
  /** Cotangents of some values, from which to start. */
  readonly cotangents: ReadonlyMap<Value, Value>;
  /** The values whose cotangents are wanted. */
  readonly wrt: readonly Value[];
  /**
   * The program to walk.
   *
   * @default {everything recorded}
   */
  readonly program?: Pick<Graph, "nodes" | "composites">;
}

/**
 * Records the gradients of a scalar.
 *
 * @param g The builder that recorded `loss`; it records the backward pass too.
 * @param loss A value of shape [].
 * @param options What to differentiate by, and what to keep.
 * @returns One gradient for each of `wrt`, of its shape.
 * @throws {TypeError} If the loss is not a scalar or does not depend on one of
 * them.
 */
export function gradients(
  g: GraphBuilder,
  loss: Value,
  { wrt, ...options }: GradientOptions & { readonly wrt: readonly Value[] },
): Value[] {
  if (loss.shape.length > 0) {
    throw new TypeError(
      `Cannot differentiate ${loss.name} as it must be a scalar: current ` +
        `number of axes is ${loss.shape.length}`,
    );
  }
  const cotangents = new Map([[loss, g.constant([1], [], loss.type)]]);
  const found = g.scope(
    "backward",
    () => pullBack(g, { cotangents, wrt, ...options }),
  );
  return wrt.map((value) => {
    const gradient = found.get(value);
    if (gradient !== undefined) return gradient;
    throw new TypeError(
      `Cannot differentiate ${loss.name} by ${value.name} as it must depend ` +
        `on it`,
    );
  });
}

/**
 * Pulls cotangents back through a program: one walk from its end to its
 * beginning, along paths that lead to `wrt` only.
 *
 * @returns The cotangents of those of `wrt` that the walk reached.
 */
export function pullBack(
  g: GraphBuilder,
  options: PullBackOptions,
): Map<Value, Value> {
  const { cotangents, wrt, program = g.recorded() } = options;
  const { recompute = false, composites = true } = options;
  const units = groupUnits(program, {
    outputs: new Set([...cotangents.keys(), ...wrt]),
    accept: ({ kind }) =>
      kind === "segment"
        ? recompute
        : composites && COMPOSITE_VJP_RULES[kind] !== undefined,
  });
  const active = dependents(units, wrt);
  const totals = new Map(cotangents);
  for (const unit of units.toReversed()) {
    const { inputs, output } = unit.composite ?? unit.node;
    const cotangent = totals.get(output);
    if (cotangent === undefined || !active.has(output)) continue;
    if (wrt.includes(output)) continue;
    g.scope(placeOf(output), () => {
      const pullbacks = pullbacksOf(g, unit, {
        cotangent,
        active,
        options: { recompute, composites },
      });
      for (const [i, input] of inputs.entries()) {
        const pullback = pullbacks[i];
        if (!active.has(input) || pullback === undefined) continue;
        if (pullback === notDifferentiable) continue;
        const part = sumTo(g, pullback(), input.shape);
        const total = totals.get(input);
        totals.set(input, total === undefined ? part : g.add(total, part));
      }
    });
  }
  const reached = wrt.filter((value) => totals.has(value));
  return new Map(reached.map((value) => [value, totals.get(value)!]));
}

/** `/visual/block/add_1` -> `visual/block`. */
function placeOf({ name }: Value): string {
  return name.split("/").slice(1, -1).join("/");
}

/** All values that depend on `wrt`, those themselves included. */
function dependents(
  units: readonly Unit[],
  wrt: readonly Value[],
): Set<Value> {
  const active = new Set(wrt);
  for (const unit of units) {
    const { inputs, output } = unit.composite ?? unit.node;
    if (inputs.some((input) => active.has(input))) active.add(output);
  }
  return active;
}

interface PullbackContext {
  readonly cotangent: Value;
  readonly active: ReadonlySet<Value>;
  readonly options: GradientOptions;
}

function pullbacksOf(
  g: GraphBuilder,
  { composite, node }: Unit,
  { cotangent, active, options }: PullbackContext,
): Pullbacks {
  if (composite === undefined) return nodePullbacks(g, node, cotangent);
  if (composite.kind !== "segment") {
    return compositePullbacks(g, composite, cotangent);
  }
  return segmentPullbacks(g, composite, { cotangent, active, options });
}

/** Computes a segment once more, late, and pulls back through that. */
function segmentPullbacks(
  g: GraphBuilder,
  segment: CompositeOf<"segment">,
  { cotangent, active, options }: PullbackContext,
): Pullbacks {
  const { nodes, composites } = g.recorded();
  const wanted = segment.inputs.filter((input) => active.has(input));
  const again = new Map(
    wanted.map((input) => [input, valueAfter(g, input, cotangent)]),
  );
  const copies = new Map(again);
  const first = g.recorded().nodes.length;
  g.replay({
    nodes: nodes.filter((node) => segment.nodes.has(node)),
    composites: composites.filter((inner) =>
      inner !== segment && inner.nodes.isSubsetOf(segment.nodes)
    ),
  }, copies);
  const found = pullBack(g, {
    cotangents: new Map([[copies.get(segment.output)!, cotangent]]),
    wrt: [...again.values()],
    program: g.recorded(first),
    ...options,
  });
  return segment.inputs.map((input) => {
    const gradient = found.get(again.get(input)!);
    return gradient === undefined ? notDifferentiable : () => gradient;
  });
}

function nodePullbacks<P extends Primitive>(
  g: GraphBuilder,
  node: NodeOf<P>,
  dy: Value,
): Pullbacks {
  const rule = VJP_RULES[node.primitive];
  return rule === notDifferentiable ? [] : rule(g, node, dy);
}

function compositePullbacks<K extends CompositeKind>(
  g: GraphBuilder,
  composite: CompositeOf<K>,
  dy: Value,
): Pullbacks {
  return COMPOSITE_VJP_RULES[composite.kind]?.(g, composite, dy) ?? [];
}

/** Sums away the axes that broadcasting repeated. */
function sumTo(g: GraphBuilder, cotangent: Value, shape: Shape): Value {
  if (sameShape(cotangent.shape, shape)) return cotangent;
  const extra = cotangent.shape.length - shape.length;
  const axes = cotangent.shape.map((_, axis) => axis).filter((axis) =>
    axis < extra ||
    (shape[axis - extra] === 1 && cotangent.shape[axis] !== 1)
  );
  const sum = axes.length === 0 ? cotangent : g.reduceSum(cotangent, axes);
  if (sameShape(sum.shape, shape)) return sum;
  const full = g.broadcastTo(sum, [
    ...sum.shape.slice(0, extra),
    ...shape,
  ]);
  return g.reshape(full, shape);
}
