import assert from "node:assert/strict";
import { gradients } from "../../lib/graph/backward.ts";
import { GraphBuilder } from "../../lib/graph/builder.ts";
import type { Graph, Node, Value } from "../../lib/graph/graph.ts";
import { attention, layerNorm, linear, quickGelu } from "../../lib/graph/nn.ts";
import { numbers, scattered } from "../contract/numbers.ts";
import {
  assertGradients,
  computeGradients,
  relativeError,
  weightedSum,
} from "./finite_differences.ts";

const WIDTH = 4;

/** An input stands for a parameter: this suite feeds both. */
type Fed = (name: string, shape: readonly number[]) => Value;

/** A residual block: norm, attention, gated by a second operand. */
function block(
  g: GraphBuilder,
  [x, gate]: readonly [Value, Value],
  { name, fed }: { name: string; fed: Fed },
): Value {
  const unit = layerNorm(g, x, {
    weight: fed(`${name}.norm.weight`, [WIDTH]),
    bias: fed(`${name}.norm.bias`, [WIDTH]),
    epsilon: 1e-2,
  });
  const mixed = attention(g, [unit, unit, unit], { heads: 2 });
  const hidden = linear(g, g.multiply(mixed, gate), {
    weight: fed(`${name}.weight`, [WIDTH, WIDTH]),
    bias: fed(`${name}.bias`, [WIDTH]),
  });
  return g.add(x, quickGelu(g, hidden));
}

interface Built {
  readonly g: GraphBuilder;
  readonly loss: Value;
  readonly inputs: ReadonlyMap<string, Value>;
  /** The cotangents' program starts after so many nodes. */
  readonly forward: number;
}

/** Two blocks in segments; the second holds another segment. */
function build(nested: boolean): Built {
  const g = new GraphBuilder();
  const inputs = new Map<string, Value>();
  const fed: Fed = (name, shape) => {
    const known = inputs.get(name) ?? g.input(name, shape, "float");
    inputs.set(name, known);
    return known;
  };
  const x = fed("x", [-1, 3, WIDTH]);
  const gate = fed("gate", [-1, 1, WIDTH]);
  const first = g.segment(() => block(g, [x, gate], { name: "a", fed }));
  const second = g.segment(() => {
    const inner = () => block(g, [first, gate], { name: "b", fed });
    const y = nested ? g.segment(inner) : inner();
    // A parameter that the first segment reads as well.
    return g.multiply(y, fed("a.bias", [WIDTH]));
  });
  const loss = weightedSum(g, second);
  return { g, loss, inputs, forward: g.recorded().nodes.length };
}

function feedsOf(
  { inputs }: Built,
): Record<string, ReturnType<typeof numbers>> {
  const all = new Map(inputs).set("weighting", inputs.get("x")!);
  const feeds = [...all].map(([name, { shape }], seed) => {
    const sizes = shape.map((size) => size < 0 ? 2 : size);
    const count = sizes.reduce((product, size) => product * size, 1);
    return [name, numbers(sizes, scattered(count, seed + 21))] as const;
  });
  return Object.fromEntries(feeds);
}

for (const nested of [false, true]) {
  const what = nested ? "nested segments" : "segments";

  Deno.test(`gradients() of ${what} are the same when these are computed again`, async () => {
    const [again, kept] = await Promise.all(
      [true, false].map((recompute) => {
        const built = build(nested);
        const { g, loss, inputs } = built;
        const wrt = [...inputs.values()];
        const feeds = feedsOf(built);
        return computeGradients(g, { loss, wrt }, { feeds, recompute });
      }),
    );
    assert.deepEqual(Object.keys(again!), Object.keys(kept!));
    for (const [name, values] of Object.entries(kept!)) {
      const error = relativeError(again![name]!, values);
      assert(error < 1e-12, `${name} is off by ${error}`);
    }
  });

  Deno.test(`gradients() of ${what} computed again equal finite differences`, async () => {
    const built = build(nested);
    const { g, loss, inputs } = built;
    const wrt = ["x", "gate", "a.bias", "b.norm.weight"].map((name) =>
      inputs.get(name)!
    );
    await assertGradients(g, { loss, wrt }, {
      feeds: feedsOf(built),
      recompute: true,
    });
  });
}

/** What each value is computed from, itself included. */
function ancestors({ nodes }: Pick<Graph, "nodes">): Map<Value, Set<Value>> {
  const found = new Map<Value, Set<Value>>();
  for (const { inputs, output } of nodes) {
    const own = inputs.map((input) => found.get(input) ?? new Set([input]));
    const all = own.reduce((a, b) => a.union(b), new Set<Value>());
    found.set(output, all.add(output));
  }
  return found;
}

/** Nodes of `kind` in the backward pass. */
function replayed({ g, forward }: Built, kind: Node["primitive"]): Node[] {
  return g.recorded(forward).nodes.filter(({ primitive }) =>
    primitive === kind
  );
}

Deno.test("gradients() computes a segment again only once its cotangent is known", () => {
  const built = build(false);
  const { g, loss, inputs } = built;
  gradients(g, loss, { wrt: [inputs.get("x")!], recompute: true });
  const from = ancestors(g.recorded());
  const weighting =
    g.recorded().nodes.find(({ output }) => output.name === "weighting")!
      .output;
  const sigmoids = replayed(built, "sigmoid");
  assert(sigmoids.length >= 2, "both segments are computed again");
  for (const { output } of sigmoids) {
    // The cotangent of the second segment is the weighting.
    assert(from.get(output)!.has(weighting), output.name);
  }
});

Deno.test("gradients() keeps nothing of a segment's inside when computing it again", () => {
  const built = build(false);
  const { g, loss, inputs, forward } = built;
  const segments = g.recorded().composites.filter(({ kind }) =>
    kind === "segment"
  );
  const inside = new Set(
    segments.flatMap(({ nodes, output }) =>
      [...nodes].map((node) => node.output).filter((value) => value !== output)
    ),
  );
  const wrt = [...inputs.values()];
  gradients(g, loss, { wrt, recompute: true });
  for (const { inputs, output } of g.recorded(forward).nodes) {
    assert(!inputs.some((input) => inside.has(input)), output.name);
  }
});

for (const recompute of [false, true]) {
  const how = recompute ? "computed again" : "kept";
  Deno.test(`gradients() of a segment that is ${how} leave frozen weights alone`, () => {
    const countFor = (names: readonly string[]) => {
      const built = build(false);
      const { g, loss, inputs, forward } = built;
      const wrt = names.map((name) => inputs.get(name)!);
      const found = gradients(g, loss, { wrt, recompute });
      const outputs = found.map((value, i) => [`d${i}`, value] as const);
      const used = new Set(g.build(Object.fromEntries(outputs)).nodes);
      const made = g.recorded(forward).nodes.filter(({ primitive, inputs }) =>
        primitive === "matMul" &&
        inputs.every(({ shape }) => shape.length === 2)
      );
      assert(made.every((node) => used.has(node)), "no product is for nothing");
      return made.length;
    };
    assert.equal(countFor(["x"]), 0);
    assert.equal(countFor(["x", "b.weight"]), 1);
    assert.equal(countFor(["x", "a.weight", "b.weight"]), 2);
  });
}
