import assert from "node:assert/strict";
import { GraphBuilder } from "../../lib/graph/builder.ts";
import type { Value } from "../../lib/graph/graph.ts";

interface Refusal {
  readonly name?: "TypeError" | "RangeError";
  readonly build: (g: GraphBuilder, of: typeof input) => Value;
  readonly message: string;
}

/** A value called after its shape. */
function input(
  g: GraphBuilder,
  shape: readonly number[],
  type: Value["type"] = "float",
): Value {
  return g.input(`x${shape.length}`, shape, type);
}

function assertRefused(refusals: Readonly<Record<string, Refusal>>): void {
  for (
    const [at, { name = "TypeError", build, message }] of Object.entries(
      refusals,
    )
  ) {
    assert.throws(() => build(new GraphBuilder(), input), {
      name,
      message: `${message} (at /${at.split(":")[0]})`,
    });
  }
}

Deno.test("constant() refuses data that do not fill its shape", () => {
  assertRefused({
    constant: {
      build: (g) => g.constant([1, 2, 3], [2, 2]),
      message: "Cannot make a constant of shape [2, 2] as its data must have " +
        "as many numbers: current number is 3",
    },
  });
});

Deno.test("element-wise primitives refuse operands of different types", () => {
  assertRefused({
    add: {
      build: (g, of) => g.add(of(g, [2]), of(g, [2, 2], "wide")),
      message: "Cannot combine x1 with x2 as their types must be equal: " +
        "current types are float and wide",
    },
    select: {
      build: (g, of) => g.select(of(g, [2]), 1, of(g, [2, 2])),
      message: "Cannot select by x1 as it must be bool: current type is float",
    },
    "select:values": {
      build: (g, of) =>
        g.select(of(g, [2], "bool"), of(g, []), of(g, [2, 2], "int")),
      message: "Cannot combine x0 with x2 as their types must be equal: " +
        "current types are float and int",
    },
  });
});

Deno.test("matMul() refuses operands that do not fit", () => {
  assertRefused({
    matMul: {
      build: (g, of) => g.matMul(of(g, [2, 3]), of(g, [-1, 4, 3])),
      message: "Cannot multiply x2 float[2, 3] by x3 float[B, 4, 3] as their " +
        "inner dimensions and types must be equal",
    },
    "matMul:rank": {
      build: (g, of) => g.matMul(of(g, [2, 3]), of(g, [3])),
      message: "Cannot multiply x1 as it must have at least two axes: " +
        "current shape is [3]",
    },
    "matMul:types": {
      build: (g, of) => g.matMul(of(g, [2, 3]), of(g, [1, 3, 2], "wide")),
      message: "Cannot multiply x2 float[2, 3] by x3 wide[1, 3, 2] as their " +
        "inner dimensions and types must be equal",
    },
  });
});

Deno.test("windows refuse what they cannot slide over", () => {
  const attributes = { window: 4, stride: 1, padding: 0 };
  assertRefused({
    conv2d: {
      build: (g, of) => g.conv2d(of(g, [1, 3, 8, 8]), of(g, [8]), attributes),
      message: "Cannot slide a window over x1 as it must be [N, C, H, W]: " +
        "current shape is [8]",
    },
    "conv2d:channels": {
      build: (g) => {
        const kernel = g.parameter("kernel", [2, 4, 1, 1]);
        return g.conv2d(input(g, [1, 3, 8, 8]), kernel, attributes);
      },
      message: "Cannot convolve x4 [1, 3, 8, 8] with kernel [2, 4, 1, 1] as " +
        "their channels must be equal",
    },
    "conv2d:types": {
      build: (g) => {
        const kernel = g.parameter("kernel", [2, 3, 1, 1]);
        return g.conv2d(input(g, [1, 3, 8, 8], "wide"), kernel, attributes);
      },
      message: "Cannot combine x4 with kernel as their types must be equal: " +
        "current types are wide and float",
    },
    "conv2d:small": {
      build: (g) => {
        const kernel = g.parameter("kernel", [2, 3, 1, 9]);
        return g.conv2d(input(g, [-1, 3, 8, 8]), kernel, attributes);
      },
      message: "Cannot slide a window of 9 over x4 [B, 3, 8, 8] as it must " +
        "fit along axis 3",
    },
    maxPool2d: {
      build: (g) => g.maxPool2d(input(g, [-1, 2, 3, 9]), attributes),
      message: "Cannot slide a window of 4 over x4 [B, 2, 3, 9] as it must " +
        "fit along axis 2",
    },
    "maxPool2d:free": {
      build: (g) => g.maxPool2d(input(g, [1, 2, 9, -1]), attributes),
      message: "Cannot slide a window of 4 over x4 [1, 2, 9, B] as it must " +
        "fit along axis 3",
    },
  });
});

Deno.test("cotangents of windows must have the shape that was computed", () => {
  const attributes = { window: 2, stride: 2, padding: 0 };
  const wrong = (g: GraphBuilder) => g.input("dy", [1, 2, 4, 3], "float");
  const refused = "Cannot pull dy back as it must be [1, 2, 4, 4]: current " +
    "shape is [1, 2, 4, 3]";
  assertRefused({
    maxPool2dGradient: {
      build: (g, of) =>
        g.maxPool2dGradient(of(g, [1, 2, 8, 8]), wrong(g), attributes),
      message: refused,
    },
    conv2dInputGradient: {
      build: (g, of) =>
        g.conv2dInputGradient(wrong(g), of(g, [2, 3, 2, 2]), {
          ...attributes,
          shape: [1, 3, 8, 8],
        }),
      message: refused,
    },
    conv2dKernelGradient: {
      build: (g, of) =>
        g.conv2dKernelGradient(of(g, [1, 3, 8, 8]), wrong(g), {
          ...attributes,
          shape: [2, 3, 2, 2],
        }),
      message: refused,
    },
  });
});

Deno.test("axes must be among those of the operand", () => {
  const message = (axis: number) =>
    `Cannot use axis ${axis} as it must be below the rank of [B, 3]`;
  const name = "RangeError";
  assertRefused({
    reduceSum: {
      name,
      build: (g, of) => g.reduceSum(of(g, [-1, 3]), [1, 2]),
      message: message(2),
    },
    reduceMax: {
      name,
      build: (g, of) => g.reduceMax(of(g, [-1, 3]), [-1]),
      message: message(-1),
    },
    argMax: {
      name,
      build: (g, of) => g.argMax(of(g, [-1, 3]), 0.5),
      message: message(0.5),
    },
    concat: {
      name,
      build: (g, of) => g.concat([of(g, [-1, 3])], 2),
      message: message(2),
    },
    slice: {
      name,
      build: (g, of) => g.slice(of(g, [-1, 3]), 2, 0, 1),
      message: message(2),
    },
  });
});

Deno.test("reshape() keeps the number of elements", () => {
  assertRefused({
    reshape: {
      build: (g, of) => g.reshape(of(g, [-1, 6]), [-2, 6]),
      message: "Cannot reshape x2 to [2B, 6] as the number of elements must " +
        "stay: current shape is [B, 6]",
    },
    "reshape:free": {
      name: "RangeError",
      build: (g, of) => g.reshape(of(g, [-1, 6]), [-1, -6]),
      message: "Cannot count the elements of [B, 6B] as only one dimension " +
        "may be free",
    },
  });
});

Deno.test("transpose() names each axis once", () => {
  for (const permutation of [[0, 1], [0, 1, 1], [1, 2, 3]]) {
    assertRefused({
      transpose: {
        build: (g, of) => g.transpose(of(g, [-1, 3, 4]), permutation),
        message: `Cannot transpose x3 [B, 3, 4] by [${
          permutation.join(", ")
        }] as it must name each axis once`,
      },
    });
  }
});

Deno.test("broadcastTo() grows axes from 1 only", () => {
  assertRefused({
    broadcastTo: {
      build: (g, of) => g.broadcastTo(of(g, [2, 3]), [1, 3]),
      message: "Cannot broadcast x2 [2, 3] to [1, 3] as axes may grow from 1 " +
        "only",
    },
    "broadcastTo:rank": {
      build: (g, of) => g.broadcastTo(of(g, [1, 3]), [3]),
      message: "Cannot broadcast x2 [1, 3] to [3] as axes may grow from 1 only",
    },
    "broadcastTo:free": {
      build: (g, of) => g.broadcastTo(of(g, [-1, 3]), [-2, 3]),
      message:
        "Cannot broadcast [B, 3] with [2B, 3] as their dimensions must " +
        "be equal or 1",
    },
  });
});

Deno.test("concat() refuses values that differ elsewhere", () => {
  const rule = "as all other sizes and the types must be equal, and either " +
    "all or none of the joined sizes free";
  const joined = (g: GraphBuilder, shape: number[], type?: Value["type"]) =>
    g.concat([g.input("a", [-1, 3], "float"), input(g, shape, type)], 0);
  assertRefused({
    concat: {
      build: (g) => joined(g, [-1, 4]),
      message:
        `Cannot join x2 float[B, 4] to a float[B, 3] along axis 0 ${rule}`,
    },
    "concat:types": {
      build: (g) => joined(g, [-1, 3], "int"),
      message: `Cannot join x2 int[B, 3] to a float[B, 3] along axis 0 ${rule}`,
    },
    "concat:free": {
      build: (g) => joined(g, [2, 3]),
      message:
        `Cannot join x2 float[2, 3] to a float[B, 3] along axis 0 ${rule}`,
    },
    "concat:none": {
      build: (g) => g.concat([], 0),
      message: "Cannot apply the primitive as operand 0 must be given: " +
        "current number of operands is 0",
    },
  });
});

Deno.test("slice() stays inside an axis of known size", () => {
  for (const [start, end] of [[2, 2], [-1, 2], [0, 4], [3, 1]]) {
    assertRefused({
      slice: {
        name: "RangeError",
        build: (g, of) => g.slice(of(g, [-1, 3]), 1, start!, end!),
        message:
          `Cannot slice x2 [B, 3] from ${start} to ${end} along axis 1 ` +
          "as the range must lie inside",
      },
    });
  }
  assertRefused({
    slice: {
      name: "RangeError",
      build: (g, of) => g.slice(of(g, [-1, 3]), 0, 0, 1),
      message: "Cannot slice x2 [B, 3] from 0 to 1 along axis 0 as the range " +
        "must lie inside",
    },
  });
});

Deno.test("gather() takes rows of a matrix by whole numbers", () => {
  assertRefused({
    gather: {
      build: (g, of) => g.gather(of(g, [4, 2]), of(g, [3])),
      message: "Cannot gather rows of x2 [4, 2] by x1 as the table must have " +
        "two axes and the indices must be int: current type is float",
    },
    "gather:table": {
      build: (g, of) => g.gather(of(g, [4, 2, 2]), of(g, [3], "int")),
      message: "Cannot gather rows of x3 [4, 2, 2] by x1 as the table must " +
        "have two axes and the indices must be int: current type is int",
    },
  });
});
