import assert from "node:assert/strict";
import { GraphBuilder } from "../../lib/graph/builder.ts";
import { BATCH } from "../../lib/graph/shape.ts";
import { primitives } from "./goldens.ts";

Deno.test("GraphBuilder names values after scope, primitive and count", () => {
  const g = new GraphBuilder();
  const x = g.input("x", [2], "float");
  const outside = g.exp(x);
  const [first, second, inner] = g.scope("text", () => [
    g.exp(x),
    g.exp(x),
    g.scope("layer.0", () => g.exp(x)),
  ]);
  const after = g.exp(x);
  const again = g.scope("text", () => g.exp(x));
  assert.deepEqual(
    [x, outside, first, second, inner, after, again].map((value) =>
      value?.name
    ),
    [
      "x",
      "/exp",
      "/text/exp",
      "/text/exp_1",
      "/text/layer.0/exp",
      "/exp_1",
      "/text/exp_2",
    ],
  );
});

Deno.test("GraphBuilder leaves a scope whose body throws", () => {
  const g = new GraphBuilder();
  const fail = () =>
    g.scope("text", () => {
      throw new RangeError("no");
    });
  assert.throws(fail, { name: "RangeError", message: "no" });
  assert.equal(g.constant([0], []).name, "/constant");
});

Deno.test("GraphBuilder errors name the shapes and the place in the model", () => {
  const g = new GraphBuilder();
  const a = g.input("a", [BATCH, 3], "float");
  const b = g.input("b", [2, 4], "float");
  assert.throws(
    () => g.scope("vision", () => g.scope("layer.1", () => g.add(a, b))),
    {
      name: "TypeError",
      message: "Cannot broadcast [B, 3] with [2, 4] as their dimensions must " +
        "be equal or 1 (at /vision/layer.1/add)",
    },
  );
  assert.throws(() => g.scope("text", () => g.matMul(a, b)), {
    name: "TypeError",
    message: "Cannot multiply a float[B, 3] by b float[2, 4] as their inner " +
      "dimensions and types must be equal (at /text/matMul)",
  });
});

Deno.test("GraphBuilder takes numbers as operands of the other's type", () => {
  const g = new GraphBuilder();
  const x = g.input("x", [2], "wide");
  const ids = g.input("ids", [2], "int");
  assert.equal(g.add(1, x).type, "wide");
  assert.equal(g.multiply(ids, 2).type, "int");
  assert.equal(g.equal(ids, 2).type, "bool");
  assert.equal(g.select(g.equal(ids, 2), 0, x).type, "wide");
  assert.throws(() => g.add(1, 2), {
    name: "TypeError",
    message: "Cannot combine two numbers as one operand must be a tensor",
  });
});

Deno.test("parameter() gives the same value when asked twice", () => {
  const g = new GraphBuilder();
  const weight = g.parameter("text.weight", [2, 3]);
  const again = g.scope("text", () => g.parameter("text.weight", [2, 3]));
  assert.equal(again, weight);
  assert.equal(weight.name, "text.weight");
  const graph = g.build({ y: g.add(weight, again) });
  assert.deepEqual(primitives(graph), ["parameter", "add"]);
});

Deno.test("cast() and reshape() give the value itself where nothing changes", () => {
  const g = new GraphBuilder();
  const x = g.input("x", [BATCH, 3], "float");
  assert.equal(g.cast(x, "float"), x);
  assert.notEqual(g.cast(x, "wide"), x);
  assert.equal(g.reshape(x, [BATCH, 3]), x);
  assert.notEqual(g.reshape(x, [3, BATCH]), x);
});

Deno.test("reduceMean() divides by the number of elements", () => {
  const g = new GraphBuilder();
  const x = g.input("x", [BATCH, 3, 4], "float");
  assert.deepEqual(g.reduceMean(x, [1, 2]).shape, [BATCH, 1, 1]);
  const { nodes } = g.build({ y: g.reduceMean(x, [1, 2]) });
  const [factor] = nodes.flatMap((node) =>
    node.primitive === "constant" ? [...node.attributes.data] : []
  );
  assert.equal(factor, 1 / 12);
});

Deno.test("reduceMean() refuses the batch and axes that are not there", () => {
  const g = new GraphBuilder();
  const x = g.input("x", [BATCH, 3], "float");
  assert.throws(() => g.reduceMean(x, [0]), {
    name: "RangeError",
    message: "Cannot average x over [0] as these axes must have a known size",
  });
  assert.throws(() => g.reduceMean(x, [2]), {
    name: "RangeError",
    message: "Cannot average x over [2] as these axes must have a known size",
  });
});

Deno.test("build() keeps what outputs need, in order", () => {
  const g = new GraphBuilder();
  const x = g.input("x", [2], "float");
  const unused = g.input("unused", [2], "float");
  const y = g.exp(x);
  g.negate(unused);
  g.parameter("weight", [2]);
  g.composite("softmax", [y], {}, () => g.log(y));
  const kept = g.composite("softmax", [y], {}, () => g.sqrt(y));
  const graph = g.build({ z: g.add(kept, y), y });
  assert.deepEqual(primitives(graph), ["input", "exp", "sqrt", "add"]);
  assert.deepEqual(graph.inputs, [x]);
  assert.deepEqual([...graph.outputs.keys()], ["z", "y"]);
  assert.deepEqual(graph.composites.map(({ output }) => output), [kept]);
});

Deno.test("build() lists each node after those it reads", () => {
  const g = new GraphBuilder();
  const x = g.input("x", [2], "float");
  const late = g.exp(x);
  const graph = g.build({ y: g.add(g.sqrt(late), late), late });
  const seen = new Set<unknown>();
  for (const node of graph.nodes) {
    assert(node.inputs.every((input) => seen.has(input)));
    seen.add(node.output);
  }
  assert.equal(graph.nodes.length, 4);
});

Deno.test("build() may be called again, for other outputs", () => {
  const g = new GraphBuilder();
  const x = g.input("x", [2], "float");
  const [a, b] = [g.exp(x), g.log(x)];
  assert.deepEqual(primitives(g.build({ a })), ["input", "exp"]);
  assert.deepEqual(primitives(g.build({ b })), ["input", "log"]);
});

Deno.test("composite() records its nodes, outer composites before inner", () => {
  const g = new GraphBuilder();
  const x = g.input("x", [2], "float");
  const y = g.composite("gelu", [x], {}, () => {
    const e = g.composite("softmax", [x], {}, () => g.exp(g.negate(x)));
    return g.add(e, x);
  });
  const { composites } = g.build({ y });
  assert.deepEqual(composites.map(({ kind }) => kind), ["gelu", "softmax"]);
  assert.deepEqual(composites.map(({ nodes }) => nodes.size), [3, 2]);
  assert.equal(composites[0]!.output, y);
  assert.equal(y.name, "/gelu/add");
});
