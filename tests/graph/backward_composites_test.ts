import assert from "node:assert/strict";
import { GraphBuilder } from "../../lib/graph/builder.ts";
import type { Value } from "../../lib/graph/graph.ts";
import {
  attention,
  batchNorm,
  gelu,
  layerNorm,
  linear,
  quickGelu,
  softmax,
} from "../../lib/graph/nn.ts";
import type { Shape } from "../../lib/graph/shape.ts";
import { type Numbers, numbers, scattered } from "../contract/numbers.ts";
import {
  assertGradients,
  computeGradients,
  relativeError,
  weightedSum,
} from "./finite_differences.ts";

interface CompositeCase {
  /** Shapes of the operands; -1 is a batch of 2. */
  readonly shapes: readonly Shape[];
  readonly build: (g: GraphBuilder, operands: readonly Value[]) => Value;
}

const ATTENTION: readonly Shape[] = Array(3).fill([-1, 3, 4]);

const CASES: Readonly<Record<string, CompositeCase>> = {
  linear: {
    shapes: [[-1, 2, 3], [4, 3], [4]],
    build: (g, [x, weight, bias]) =>
      linear(g, x!, { weight: weight!, bias: bias! }),
  },
  "linear of a matrix": {
    shapes: [[-1, 3], [4, 3], [4]],
    build: (g, [x, weight, bias]) =>
      linear(g, x!, { weight: weight!, bias: bias! }),
  },
  softmax: {
    shapes: [[-1, 3, 4]],
    build: (g, [x]) => softmax(g, g.multiply(x!, 3)),
  },
  layerNorm: {
    shapes: [[-1, 2, 5], [5], [5]],
    build: (g, [x, weight, bias]) =>
      layerNorm(g, x!, { weight: weight!, bias: bias!, epsilon: 1e-2 }),
  },
  quickGelu: { shapes: [[-1, 6]], build: (g, [x]) => quickGelu(g, x!) },
  gelu: { shapes: [[-1, 6]], build: (g, [x]) => gelu(g, x!) },
  attention: {
    shapes: ATTENTION,
    build: (g, [q, k, v]) => attention(g, [q!, k!, v!], { heads: 2 }),
  },
  "attention of a value to itself": {
    shapes: [[-1, 3, 4]],
    build: (g, [x]) => attention(g, [x!, x!, x!], { heads: 1 }),
  },
  "causal attention": {
    shapes: ATTENTION,
    build: (g, [q, k, v]) =>
      attention(g, [q!, k!, v!], { heads: 2, causal: true }),
  },
  batchNorm: {
    shapes: [[-1, 2, 2, 3], [2], [2], [2], [2]],
    build: (g, [x, weight, bias, mean, raw]) =>
      batchNorm(g, x!, {
        weight: weight!,
        bias: bias!,
        mean: mean!,
        variance: g.add(g.multiply(raw!, raw!), 0.5),
      }),
  },
};

function fed(shape: Shape, seed: number): Numbers {
  const sizes = shape.map((size) => size < 0 ? -2 * size : size);
  const count = sizes.reduce((product, size) => product * size, 1);
  return numbers(sizes, scattered(count, seed));
}

/** A loss that reads the composite, with numbers for all it is fed. */
function program({ shapes, build }: CompositeCase) {
  const g = new GraphBuilder();
  const wrt = shapes.map((shape, i) => g.input(`x${i}`, shape, "float"));
  const y = build(g, wrt);
  const loss = weightedSum(g, y);
  const feeds = Object.fromEntries(
    shapes.map((shape, i) => [`x${i}`, fed(shape, i + 11)]),
  );
  return {
    g,
    loss,
    wrt,
    feeds: { ...feeds, weighting: fed(y.shape, 5) },
  };
}

for (const [name, composite] of Object.entries(CASES)) {
  for (const composites of [true, false]) {
    const how = composites ? "as a whole" : "through its nodes";
    Deno.test(`gradients() of ${name} ${how} equal finite differences`, async () => {
      const { g, loss, wrt, feeds } = program(composite);
      await assertGradients(g, { loss, wrt }, { feeds, composites });
    });
  }

  Deno.test(`gradients() of ${name} are the same as a whole and through its nodes`, async () => {
    const [whole, parts] = await Promise.all(
      [true, false].map((composites) => {
        const { g, loss, wrt, feeds } = program(composite);
        return computeGradients(g, { loss, wrt }, { feeds, composites });
      }),
    );
    for (const [key, values] of Object.entries(parts!)) {
      const error = relativeError(whole![key]!, values);
      assert(error < 1e-12, `${key} is off by ${error}`);
    }
  });
}
