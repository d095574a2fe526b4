import assert from "node:assert/strict";
import { gradients, pullBack } from "../../lib/graph/backward.ts";
import { GraphBuilder } from "../../lib/graph/builder.ts";
import type { Value } from "../../lib/graph/graph.ts";
import { type Numbers, numbers, scattered } from "../contract/numbers.ts";
import {
  assertGradients,
  computeGradients,
  sumAll,
  weightedSum,
} from "./finite_differences.ts";

function scatteredNumbers(shape: readonly number[], seed: number): Numbers {
  const count = shape.reduce((product, size) => product * size, 1);
  return numbers(shape, scattered(count, seed));
}

/** The gradients of sum(weighting * y) by the inputs that hold numbers. */
async function gradientsAt(
  feeds: Readonly<Record<string, Numbers>>,
  weighting: Numbers,
  build: (g: GraphBuilder, of: (name: string) => Value) => Value,
): Promise<Record<string, number[]>> {
  const g = new GraphBuilder();
  const inputs = new Map(
    Object.entries(feeds).map(([name, { shape: [, ...rest] }]) => [
      name,
      g.input(name, [-1, ...rest], "float"),
    ]),
  );
  const loss = weightedSum(g, build(g, (name) => inputs.get(name)!));
  const wrt = [...inputs.values()];
  const all = { ...feeds, weighting };
  const found = await computeGradients(g, { loss, wrt }, { feeds: all });
  return Object.fromEntries(
    wrt.map(({ name }) => [name, [...found[`d ${name}`]!]]),
  );
}

Deno.test("gradients() adds up every use of a value", async () => {
  const x = numbers([1, 3], [1, -2, 0.5]);
  const found = await gradientsAt(
    { x },
    numbers([1, 3], [1, 1, 2]),
    (g, of) => {
      const square = g.multiply(of("x"), of("x"));
      return g.add(g.subtract(g.multiply(square, of("x")), square), of("x"));
    },
  );
  // 3 x^2 - 2 x + 1
  assert.deepEqual(found.x, [2, 17, 1.5]);
});

Deno.test("gradients() sums over what broadcasting repeated", async () => {
  const feeds = {
    a: numbers([2, 1, 2], [1, 2, 3, 4]),
    b: numbers([1, 3, 1], [10, 20, 30]),
  };
  const ones = numbers([2, 3, 2], Array(12).fill(1));
  const g = new GraphBuilder();
  const a = g.input("a", [-1, 1, 2], "float");
  const b = g.input("b", [1, 3, 1], "float");
  const loss = weightedSum(g, g.multiply(a, b));
  const found = await computeGradients(g, { loss, wrt: [a, b] }, {
    feeds: { ...feeds, weighting: ones },
  });
  assert.deepEqual([...found["d a"]!], [60, 60, 60, 60]);
  assert.deepEqual([...found["d b"]!], [10, 10, 10]);
});

Deno.test("gradients() sums a parameter's over the free batch", async () => {
  const g = new GraphBuilder();
  const x = g.input("x", [-1, 2], "float");
  const w = g.input("w", [2], "float");
  const loss = weightedSum(g, g.multiply(x, w));
  const found = await computeGradients(g, { loss, wrt: [w, x] }, {
    feeds: {
      x: numbers([3, 2], [1, 2, 3, 4, 5, 6]),
      w: numbers([2], [7, 8]),
      weighting: numbers([3, 2], [1, 1, 1, 1, 1, 1]),
    },
  });
  assert.deepEqual([...found["d w"]!], [9, 12]);
  assert.deepEqual([...found["d x"]!], [7, 8, 7, 8, 7, 8]);
});

Deno.test("gradients() refuses a value that the loss does not read", () => {
  const g = new GraphBuilder();
  const [x, y] = [g.input("x", [2], "float"), g.input("y", [2], "float")];
  const loss = sumAll(g, g.add(g.exp(x), g.detach(y)));
  for (const wrt of [[y], [x, y], [g.exp(x)]]) {
    assert.throws(() => gradients(g, loss, { wrt }), {
      name: "TypeError",
      message: new RegExp(
        `^Cannot differentiate ${loss.name} by ${wrt.at(-1)!.name} as it ` +
          "must depend on it$",
      ),
    });
  }
});

Deno.test("gradients() refuses a loss that is no scalar", () => {
  const g = new GraphBuilder();
  const x = g.input("x", [2, 1], "float");
  assert.throws(() => gradients(g, x, { wrt: [x] }), {
    name: "TypeError",
    message:
      "Cannot differentiate x as it must be a scalar: current number of axes " +
      "is 2",
  });
});

Deno.test("gradients() gives 1 of its own type for the loss itself", () => {
  const g = new GraphBuilder();
  const x = g.input("x", [], "wide");
  const [one] = gradients(g, x, { wrt: [x] });
  const { nodes: [node] } = g.build({ one: one! });
  assert.deepEqual(node!.attributes, {
    data: Float64Array.of(1),
    shape: [],
    type: "wide",
  });
});

Deno.test("gradients() goes no further than what is asked for", () => {
  const g = new GraphBuilder();
  const x = g.input("x", [2, 2], "float");
  const weight = g.parameter("weight", [2, 2]);
  const hidden = g.exp(g.matMul(x, weight));
  const loss = sumAll(g, g.multiply(hidden, hidden));
  const [gradient] = gradients(g, loss, { wrt: [hidden] });
  const { nodes } = g.build({ gradient: gradient! });
  const used = nodes.map(({ primitive }) => primitive);
  assert.equal(used.filter((name) => name === "matMul").length, 1);
});

Deno.test("gradients() records no gradient of what is frozen", () => {
  const g = new GraphBuilder();
  const x = g.parameter("x", [2, 3]);
  const loss = sumAll(g, g.exp(g.matMul(x, g.parameter("frozen", [3, 4]))));
  const first = g.recorded().nodes.length;
  gradients(g, loss, { wrt: [x] });
  const products = g.recorded(first).nodes.filter(({ primitive }) =>
    primitive === "matMul"
  );
  assert.deepEqual(products.map(({ attributes }) => attributes), [
    { transposeA: false, transposeB: true },
  ]);
});

Deno.test("pullBack() starts from several cotangents and tells what it reached", () => {
  const g = new GraphBuilder();
  const [x, y, z] = ["x", "y", "z"].map((name) => g.input(name, [2], "float"));
  const [a, b] = [g.exp(x!), g.multiply(x!, y!)];
  const found = pullBack(g, {
    cotangents: new Map([[a, g.constant([1, 1], [2])], [
      b,
      g.constant([2, 2], [2]),
    ]]),
    wrt: [x!, y!, z!],
  });
  assert.deepEqual([...found.keys()], [x, y]);
});

for (const primitive of ["reduceMax", "reduceMin"] as const) {
  Deno.test(`gradients() shares equally among ties of ${primitive}`, async () => {
    const sign = primitive === "reduceMax" ? 1 : -1;
    const x = [3, 1, 3, 3, 5, 2, 4, 5, 0, 0, 0, 0].map((v) => v * sign);
    const found = await gradientsAt(
      { x: numbers([3, 4], x) },
      numbers([3, 1], [6, 8, -4]),
      (g, of) => g[primitive](of("x"), [1]),
    );
    assert.deepEqual(
      found.x!.map((v) => v + 0),
      [2, 0, 2, 2, 4, 0, 0, 4, -1, -1, -1, -1],
    );
  });
}

for (const primitive of ["maximum", "minimum"] as const) {
  Deno.test(`gradients() shares equally between ties of ${primitive}`, async () => {
    const sign = primitive === "maximum" ? 1 : -1;
    const of = (data: number[]) => numbers([1, 4], data.map((v) => v * sign));
    const found = await gradientsAt(
      { a: of([1, 2, 3, 0]), b: of([1, 3, 2, 0]) },
      numbers([1, 4], [2, 4, 6, -8]),
      (g, value) => g[primitive](value("a"), value("b")),
    );
    assert.deepEqual(found.a!.map((v) => v + 0), [1, 0, 6, -4]);
    assert.deepEqual(found.b!.map((v) => v + 0), [1, 4, 0, -4]);
  });
}

Deno.test("gradients() gives maxPool2d's to the first of a tie", async () => {
  const found = await gradientsAt(
    { x: numbers([1, 1, 2, 4], [5, 1, 2, 7, 5, 5, 7, 0]) },
    numbers([1, 1, 1, 2], [3, 4]),
    (g, of) => g.maxPool2d(of("x"), { window: 2, stride: 2, padding: 0 }),
  );
  assert.deepEqual(found.x, [3, 0, 0, 4, 0, 0, 0, 0]);
});

Deno.test("gradients() takes the slope at the kink of leakyRelu", async () => {
  for (const slope of [0, 0.25, -0.5]) {
    const found = await gradientsAt(
      { x: numbers([1, 3], [-1, 0, 1]) },
      numbers([1, 3], [1, 1, 1]),
      (g, of) => g.leakyRelu(of("x"), slope),
    );
    assert.deepEqual(found.x!.map((v) => v + 0), [slope, slope, 1]);
  }
});

for (const stride of [1, 2]) {
  Deno.test(`gradients() of gradients of conv2d equal finite differences at stride ${stride}`, async () => {
    const g = new GraphBuilder();
    const x = g.input("x", [-1, 2, 4, 5], "float");
    const kernel = g.input("kernel", [2, 2, 3, 2], "float");
    const wrt = [x, kernel];
    const y = g.conv2d(x, kernel, { stride, padding: 1 });
    const inner = sumAll(g, g.multiply(g.multiply(y, y), y));
    const [dx, dKernel] = gradients(g, inner, { wrt });
    const loss = g.add(
      weightedSum(g, dx!),
      sumAll(g, g.multiply(dKernel!, dKernel!)),
    );
    await assertGradients(g, { loss, wrt }, {
      feeds: {
        x: scatteredNumbers([2, 2, 4, 5], 1),
        kernel: scatteredNumbers([2, 2, 3, 2], 2),
        weighting: scatteredNumbers([2, 2, 4, 5], 3),
      },
    });
  });
}
