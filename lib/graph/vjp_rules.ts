/**
 * The vector-Jacobian product of each primitive: given the cotangent of its
 * output, the cotangents of its inputs.
 *
 * A rule returns one function for each input. It is called only if that input
 * leads to what is differentiated. A cotangent may keep axes that broadcasting
 * repeated: `backward.ts` sums them away. The comment at each rule is the
 * differential; y is the output, dy its cotangent.
 *
 * @module
 */
import type { GraphBuilder } from "./builder.ts";
import type { NodeOf, Value } from "./graph.ts";
import type { Primitive } from "./primitives.ts";
import { elementCount } from "./shape.ts";

/** Computes the cotangent of one input. */
export type Pullback = () => Value;

/** Marks an input or a primitive through which nothing is pulled back. */
export const notDifferentiable = "not differentiable";

/** One for each input, in order. */
export type Pullbacks = readonly (Pullback | typeof notDifferentiable)[];

type VjpRule<P extends Primitive> =
  | ((g: GraphBuilder, node: NodeOf<P>, cotangent: Value) => Pullbacks)
  | typeof notDifferentiable;

/** The rule of each primitive. */
export const VJP_RULES: { [P in Primitive]: VjpRule<P> } = {
  input: notDifferentiable,
  parameter: notDifferentiable,
  constant: notDifferentiable,
  // d(-x) = -dx
  negate: (g, _, dy) => [() => g.negate(dy)],
  // d(exp x) = exp(x) dx
  exp: (g, { output: y }, dy) => [() => g.multiply(dy, y)],
  // d(log x) = dx / x
  log: (g, { inputs: [x] }, dy) => [() => g.divide(dy, x!)],
  // d(sqrt x) = dx / (2 sqrt x)
  sqrt: (g, { output: y }, dy) => [() => g.divide(g.multiply(dy, 0.5), y)],
  // d(sigmoid x) = y (1 - y) dx
  sigmoid: (g, { output: y }, dy) => [
    () => g.multiply(dy, g.multiply(y, g.subtract(1, y))),
  ],
  // d(erf x) = 2 / sqrt(pi) exp(-x^2) dx
  erf: (g, { inputs: [x] }, dy) => [() => {
    const slope = g.exp(g.negate(g.multiply(x!, x!)));
    return g.multiply(dy, g.multiply(slope, 2 / Math.sqrt(Math.PI)));
  }],
  // d(leakyRelu x) = dx where x > 0, else slope dx
  leakyRelu: (g, { inputs: [x], output: y, attributes: { slope } }, dy) => [
    () => {
      // Unless the slope is negative, y is positive where x is: then x need
      // not be kept.
      const notPositive = g.equal(g.maximum(slope < 0 ? x! : y, 0), 0);
      return g.select(notPositive, g.multiply(dy, slope), dy);
    },
  ],
  // d(a + b) = da + db
  add: (_g, _node, dy) => [() => dy, () => dy],
  // d(a - b) = da - db
  subtract: (g, _, dy) => [() => dy, () => g.negate(dy)],
  // d(a b) = b da + a db
  multiply: (g, { inputs: [a, b] }, dy) => [
    () => g.multiply(dy, b!),
    () => g.multiply(dy, a!),
  ],
  // d(a / b) = da / b - (a / b) db / b
  divide: (g, { inputs: [, b], output: y }, dy) => [
    () => g.divide(dy, b!),
    () => g.negate(g.divide(g.multiply(dy, y), b!)),
  ],
  // d(max(a, b)) = da where a > b, db where a < b, (da + db) / 2 where a = b
  maximum: extremum,
  // d(min(a, b)): the same with < and > exchanged
  minimum: extremum,
  equal: notDifferentiable,
  // d(c ? a : b) = c ? da : db
  select: (g, { inputs: [condition] }, dy) => [
    notDifferentiable,
    () => g.select(condition!, dy, 0),
    () => g.select(condition!, 0, dy),
  ],
  // d(cast x) = cast(dx); integers have no gradient
  cast: (g, { inputs: [x] }, dy) => [
    ["float", "wide", "half"].includes(x!.type)
      ? () => g.cast(dy, x!.type)
      : notDifferentiable,
  ],
  detach: notDifferentiable,
  // d(A B) = dA B + A dB, so that A gets dY B^T and B gets A^T dY
  matMul: pullBackMatMul,
  // d(x * k) = dx * k + x * dk: linear in each operand
  conv2d: (g, { inputs: [x, kernel], attributes }, dy) => [
    () =>
      g.conv2dInputGradient(dy, kernel!, { ...attributes, shape: x!.shape }),
    () =>
      g.conv2dKernelGradient(x!, dy, { ...attributes, shape: kernel!.shape }),
  ],
  // d(maxPool x) = dx at the first maximum of each window
  maxPool2d: (g, { inputs: [x], attributes }, dy) => [
    () => g.maxPool2dGradient(x!, dy, attributes),
  ],
  // Linear in the cotangent and in the kernel: its own transposes.
  conv2dInputGradient: (g, node, dx) => {
    const { inputs: [dy, kernel], attributes } = node;
    return [
      () => g.conv2d(dx, kernel!, attributes),
      () =>
        g.conv2dKernelGradient(dx, dy!, {
          ...attributes,
          shape: kernel!.shape,
        }),
    ];
  },
  // Linear in the image and in the cotangent: its own transposes.
  conv2dKernelGradient: (g, node, dKernel) => {
    const { inputs: [x, dy], attributes } = node;
    return [
      () =>
        g.conv2dInputGradient(dy!, dKernel, { ...attributes, shape: x!.shape }),
      () => g.conv2d(x!, dKernel, attributes),
    ];
  },
  maxPool2dGradient: notDifferentiable,
  // d(sum x) = sum dx
  reduceSum: (g, { inputs: [x] }, dy) => [() => g.broadcastTo(dy, x!.shape)],
  // d(max x) = mean of dx over the places that attain the maximum
  reduceMax: reducedExtremum,
  // d(min x) = mean of dx over the places that attain the minimum
  reduceMin: reducedExtremum,
  argMax: notDifferentiable,
  // d(reshape x) = reshape(dx)
  reshape: (g, { inputs: [x] }, dy) => [() => g.reshape(dy, x!.shape)],
  // d(transpose x) = transpose(dx), so that x gets dy by the inverse order
  transpose: (g, { attributes: { permutation } }, dy) => [
    () =>
      g.transpose(dy, permutation.map((_, axis) => permutation.indexOf(axis))),
  ],
  // d(broadcast x) = broadcast(dx); `backward.ts` sums the copies
  broadcastTo: (_g, _node, dy) => [() => dy],
  // d[a, b] = [da, db]
  concat: pullBackConcat,
  // d(x[i:j]) = dx[i:j], so that x gets dy there and 0 elsewhere
  slice: pullBackSlice,
  // d(table[i]) = dtable[i], so that each row gets the sum of its copies
  gather: (g, { inputs: [table, indices] }, dy) => [
    () => scatterRows(g, dy, { table: table!, indices: indices! }),
    notDifferentiable,
  ],
};

/** The larger or smaller operand takes the cotangent; equal ones share it. */
function extremum(
  g: GraphBuilder,
  { inputs: [a, b], output: y }: NodeOf<"maximum" | "minimum">,
  dy: Value,
): Pullbacks {
  const share = (x: Value, other: Value) => () => {
    const half = g.select(g.equal(x, other), g.multiply(dy, 0.5), dy);
    return g.select(g.equal(x, y), half, 0);
  };
  return [share(a!, b!), share(b!, a!)];
}

/** Every place that attains the extremum takes an equal share. */
function reducedExtremum(
  g: GraphBuilder,
  { inputs: [x], output: y, attributes: { axes } }: NodeOf<
    "reduceMax" | "reduceMin"
  >,
  dy: Value,
): Pullbacks {
  return [() => {
    const attained = g.cast(g.equal(x!, y), x!.type);
    return g.multiply(attained, g.divide(dy, g.reduceSum(attained, axes)));
  }];
}

function pullBackMatMul(
  g: GraphBuilder,
  { inputs, attributes }: NodeOf<"matMul">,
  dy: Value,
): Pullbacks {
  const [a, b] = inputs as readonly [Value, Value];
  const { transposeA: ta, transposeB: tb } = attributes;
  if (b.shape.length === 2 && a.shape.length > 2 && !ta) {
    return pullBackLinear(g, { a, b, transposeB: tb }, dy);
  }
  return [
    () =>
      ta
        ? g.matMul(b, dy, { transposeA: tb, transposeB: true })
        : g.matMul(dy, b, { transposeB: !tb }),
    () =>
      tb
        ? g.matMul(dy, a, { transposeA: true, transposeB: ta })
        : g.matMul(a, dy, { transposeA: !ta }),
  ];
}

/** x [..., D] as a matrix of all its rows. */
export function flattenRows(g: GraphBuilder, x: Value): Value {
  const width = x.shape.at(-1)!;
  return g.reshape(x, [elementCount(x.shape) / width, width]);
}

/** A matrix over all rows of a [..., in]: its cotangent is one product. */
function pullBackLinear(
  g: GraphBuilder,
  { a, b, transposeB }: { a: Value; b: Value; transposeB: boolean },
  dy: Value,
): Pullbacks {
  return [
    () => g.matMul(dy, b, { transposeB: !transposeB }),
    () =>
      transposeB
        ? g.matMul(flattenRows(g, dy), flattenRows(g, a), { transposeA: true })
        : g.matMul(flattenRows(g, a), flattenRows(g, dy), { transposeA: true }),
  ];
}

function pullBackConcat(
  g: GraphBuilder,
  { inputs, attributes: { axis } }: NodeOf<"concat">,
  dy: Value,
): Pullbacks {
  let start = 0;
  return inputs.map((input) => {
    const from = start;
    start += input.shape[axis]!;
    const to = start;
    return () => g.slice(dy, axis, from, to);
  });
}

function pullBackSlice(
  g: GraphBuilder,
  { inputs: [x], attributes: { axis, start, end } }: NodeOf<"slice">,
  dy: Value,
): Pullbacks {
  return [() => {
    const zeros = (size: number) =>
      size === 0 ? [] : [g.broadcastTo(
        g.constant([0], x!.shape.map(() => 1), x!.type),
        x!.shape.with(axis, size),
      )];
    const parts = [...zeros(start), dy, ...zeros(x!.shape[axis]! - end)];
    return parts.length === 1 ? dy : g.concat(parts, axis);
  }];
}

/** Adds rows up where they were gathered from, as a product with one-hots. */
function scatterRows(
  g: GraphBuilder,
  dy: Value,
  { table, indices }: { table: Value; indices: Value },
): Value {
  const [rows, width] = table.shape as [number, number];
  const count = elementCount(indices.shape);
  const all = g.constant(Float64Array.from({ length: rows }, (_, i) => i), [
    rows,
  ], "int");
  const hit = g.equal(g.reshape(indices, [count, 1]), all); // [N, rows]
  return g.matMul(g.cast(hit, dy.type), g.reshape(dy, [count, width]), {
    transposeA: true,
  });
}
