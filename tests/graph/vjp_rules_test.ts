import assert from "node:assert/strict";
import { gradients } from "../../lib/graph/backward.ts";
import { GraphBuilder } from "../../lib/graph/builder.ts";
import type { Value } from "../../lib/graph/graph.ts";
import type { Primitive } from "../../lib/graph/primitives.ts";
import { notDifferentiable, VJP_RULES } from "../../lib/graph/vjp_rules.ts";
import { type KernelCase, runCases } from "../contract/kernel_case.ts";
import { KERNEL_CASES } from "../contract/kernel_cases.ts";
import {
  type NamedNumbers,
  type Numbers,
  numbers,
  scattered,
} from "../contract/numbers.ts";
import { runGraphWith } from "../onnx/run_graph.ts";
import { assertGradients, sumAll, weightedSum } from "./finite_differences.ts";
import { lower } from "./lowered.ts";

runCases(KERNEL_CASES, {
  name: "the float64 programs that gradients are checked by",
  tolerance: 1e-12,
  run: async (graph, { feeds, parameters }) => {
    const options = { feeds, precision: "f64" } as const;
    return (await runGraphWith(lower(graph), parameters, options)).y;
  },
});

/** Where a function is defined and smooth; everywhere by default. */
const DOMAINS: Partial<Record<Primitive, (x: number) => number>> = {
  log: (x) => 1.5 + x,
  sqrt: (x) => 1.5 + x,
  divide: (x) => x + Math.sign(x),
};

const isFloat = ({ type }: Value) => type === "float" || type === "wide";

/** Numbers without ties and kinks in place of a case's own. */
function smoothFeeds(
  primitive: Primitive,
  inputs: readonly Value[],
  feeds: NamedNumbers,
): Record<string, Numbers> {
  const domain = DOMAINS[primitive] ?? ((x: number) => x);
  const entries = inputs.map((input, seed) => {
    const { shape, data } = feeds[input.name]!;
    const smooth = scattered(data.length, seed + 3).map(domain);
    return [
      input.name,
      isFloat(input) ? numbers(shape, smooth) : {
        shape,
        data,
      },
    ] as const;
  });
  return Object.fromEntries(entries);
}

type Case = Pick<KernelCase, "build" | "feeds" | "expected">;

/** Whether a case leads from floats to floats. */
function hasGradient({ build }: Case): boolean {
  const g = new GraphBuilder();
  const y = build(g);
  return isFloat(y) && g.build({ y }).inputs.some(isFloat);
}

/** The batch size, where no first axis shows it. */
function hiddenBatch(
  inputs: readonly Value[],
  feeds: NamedNumbers,
): { batch?: number } {
  if (inputs.some(({ shape }) => shape[0] === -1)) return {};
  const [batch] = inputs.flatMap(({ name, shape }) =>
    shape.flatMap((d, i) => d < 0 ? [feeds[name]!.shape[i]! / -d] : [])
  );
  return batch === undefined ? {} : { batch };
}

async function checkCase(
  primitive: Primitive,
  { build, feeds, expected }: Case,
): Promise<void> {
  const g = new GraphBuilder();
  const y = build(g);
  const { inputs } = g.build({ y });
  const { data, shape } = expected;
  const loss = weightedSum(g, y);
  await assertGradients(g, { loss, wrt: inputs.filter(isFloat) }, {
    feeds: {
      ...smoothFeeds(primitive, inputs, feeds),
      weighting: numbers(shape, scattered(data.length, 77)),
    },
    ...hiddenBatch(inputs, feeds),
  });
}

const OWN_CASES = new Set<Primitive>(["select", "cast"]);

/** Its concat puts batches behind each other, which no slice can take apart. */
const CONCATENATED_BATCH = "broadcastTo: to free dimensions -1 and -2";

const PRIMITIVES = Object.keys(VJP_RULES) as Primitive[];

for (const primitive of PRIMITIVES) {
  if (VJP_RULES[primitive] === notDifferentiable) continue;
  if (OWN_CASES.has(primitive)) continue;
  const cases = KERNEL_CASES[primitive].filter((kernel) =>
    hasGradient(kernel) &&
    `${primitive}: ${kernel.name}` !== CONCATENATED_BATCH
  );
  Deno.test(`VJP_RULES.${primitive} equals finite differences`, async (t) => {
    assert(cases.length > 0, "some case has a gradient");
    for (const kernel of cases) {
      await t.step(kernel.name, () => checkCase(primitive, kernel));
    }
  });
}

Deno.test("VJP_RULES.select equals finite differences on either side", async () => {
  const feeds = {
    c: numbers([2, 1, 1], [1, 0]),
    a: numbers([3, 1], scattered(3)),
    b: numbers([2], scattered(2, 5)),
  };
  const g = new GraphBuilder();
  const c = g.equal(g.input("c", [-1, 1, 1], "float"), 1);
  const wrt = [g.input("a", [3, 1], "float"), g.input("b", [2], "float")];
  const loss = weightedSum(g, g.select(c, wrt[0]!, wrt[1]!));
  await assertGradients(g, { loss, wrt }, {
    feeds: { ...feeds, weighting: numbers([2, 3, 2], scattered(12, 9)) },
  });
});

for (const [from, to] of [["float", "wide"], ["wide", "float"]] as const) {
  Deno.test(`VJP_RULES.cast equals finite differences from ${from} to ${to}`, async () => {
    const x = numbers([2, 3], scattered(6));
    await checkCase("cast", {
      build: (g) => {
        const cast = g.cast(g.input("x", [-1, 3], from), to);
        return g.multiply(cast, cast);
      },
      feeds: { x },
      expected: x,
    });
  });
}

Deno.test("VJP_RULES.concat refuses to take batches apart", () => {
  const g = new GraphBuilder();
  const x = g.input("x", [-1, 2], "float");
  const loss = sumAll(g, g.concat([x, g.exp(x)], 0));
  assert.throws(() => gradients(g, loss, { wrt: [x] }), {
    name: "RangeError",
    message: /^Cannot slice .* \[2B, 2\] from 0 to -1 along axis 0/,
  });
});
