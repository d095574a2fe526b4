/**
 * The shape and element type that each primitive computes.
 *
 * @module
 */
import type { Value } from "./graph.ts";
import type { Attributes, ElementType, Primitive } from "./primitives.ts";
import {
  broadcastShapes,
  elementCount,
  formatShape,
  sameShape,
  type Shape,
} from "./shape.ts";

/** What a rule says about an output. */
export interface ShapeAndType {
  /** Its shape. */
  readonly shape: Shape;
  /** Its element type. */
  readonly type: ElementType;
}

type ShapeRule<P extends Primitive> = (
  inputs: readonly Value[],
  attributes: Attributes[P],
) => ShapeAndType;

/** The rule of each primitive. @throws {TypeError} On operands that do not fit. */
export const SHAPE_RULES: { [P in Primitive]: ShapeRule<P> } = {
  input: (_, { shape, type }) => ({ shape, type }),
  parameter: (_, { shape }) => ({ shape, type: "float" }),
  constant: constantRule,
  negate: unary,
  exp: unary,
  log: unary,
  sqrt: unary,
  sigmoid: unary,
  erf: unary,
  leakyRelu: unary,
  add: binary,
  subtract: binary,
  multiply: binary,
  divide: binary,
  maximum: binary,
  minimum: binary,
  equal: (inputs) => ({ ...binary(inputs), type: "bool" }),
  select: selectRule,
  cast: (inputs, { to }) => ({ shape: operand(inputs, 0).shape, type: to }),
  detach: unary,
  matMul: matMulRule,
  conv2d: conv2dRule,
  maxPool2d: maxPool2dRule,
  conv2dInputGradient: (inputs, attributes) => {
    const { type } = operand(inputs, 0);
    const x = { name: "its input", shape: attributes.shape, type };
    const y = conv2dRule([x, operand(inputs, 1)], attributes);
    checkCotangent(operand(inputs, 0), y.shape);
    return { shape: attributes.shape, type };
  },
  conv2dKernelGradient: (inputs, attributes) => {
    const { type } = operand(inputs, 0);
    const kernel = { name: "its kernel", shape: attributes.shape, type };
    const y = conv2dRule([operand(inputs, 0), kernel], attributes);
    checkCotangent(operand(inputs, 1), y.shape);
    return { shape: attributes.shape, type };
  },
  maxPool2dGradient: (inputs, attributes) => {
    const y = maxPool2dRule(inputs, attributes);
    checkCotangent(operand(inputs, 1), y.shape);
    return unary(inputs);
  },
  reduceSum: reduceRule,
  reduceMax: reduceRule,
  reduceMin: reduceRule,
  argMax: (inputs, { axis }) => ({
    ...reduceRule(inputs, { axes: [axis] }),
    type: "int",
  }),
  reshape: reshapeRule,
  transpose: transposeRule,
  broadcastTo: broadcastToRule,
  concat: concatRule,
  slice: sliceRule,
  gather: gatherRule,
};

function operand(inputs: readonly Value[], index: number): Value {
  const value = inputs[index];
  if (value === undefined) {
    throw new TypeError(
      `Cannot apply the primitive as operand ${index} must be given: current ` +
        `number of operands is ${inputs.length}`,
    );
  }
  return value;
}

function constantRule(
  _: readonly Value[],
  { data, shape, type }: Attributes["constant"],
): ShapeAndType {
  if (elementCount(shape) !== data.length) {
    throw new TypeError(
      `Cannot make a constant of shape ${
        formatShape(shape)
      } as its data must ` +
        `have as many numbers: current number is ${data.length}`,
    );
  }
  return { shape, type };
}

function unary(inputs: readonly Value[]): ShapeAndType {
  const { shape, type } = operand(inputs, 0);
  return { shape, type };
}

function binary(inputs: readonly Value[]): ShapeAndType {
  const [a, b] = [operand(inputs, 0), operand(inputs, 1)];
  checkTypes(a, b);
  return { shape: broadcastShapes(a.shape, b.shape), type: a.type };
}

function checkTypes(a: Value, b: Value): void {
  if (a.type === b.type) return;
  throw new TypeError(
    `Cannot combine ${a.name} with ${b.name} as their types must be equal: ` +
      `current types are ${a.type} and ${b.type}`,
  );
}

function selectRule(inputs: readonly Value[]): ShapeAndType {
  const condition = operand(inputs, 0);
  if (condition.type !== "bool") {
    throw new TypeError(
      `Cannot select by ${condition.name} as it must be bool: current type ` +
        `is ${condition.type}`,
    );
  }
  const { shape, type } = binary(inputs.slice(1));
  return { shape: broadcastShapes(condition.shape, shape), type };
}

function matMulRule(
  inputs: readonly Value[],
  { transposeA, transposeB }: Attributes["matMul"],
): ShapeAndType {
  const [a, b] = [operand(inputs, 0), operand(inputs, 1)];
  const [rows, innerA] = matrix(a, transposeA);
  const [innerB, columns] = matrix(b, transposeB);
  if (innerA !== innerB || a.type !== b.type) {
    throw new TypeError(
      `Cannot multiply ${a.name} ${a.type}${formatShape(a.shape)} by ` +
        `${b.name} ${b.type}${formatShape(b.shape)} as their inner ` +
        `dimensions and types must be equal`,
    );
  }
  const outer = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2));
  return { shape: [...outer, rows, columns], type: a.type };
}

function matrix(value: Value, transpose: boolean): [number, number] {
  const [rows, columns] = value.shape.slice(-2);
  if (rows === undefined || columns === undefined) {
    throw new TypeError(
      `Cannot multiply ${value.name} as it must have at least two axes: ` +
        `current shape is ${formatShape(value.shape)}`,
    );
  }
  return transpose ? [columns, rows] : [rows, columns];
}

/** [N, C, H, W] of an image-like operand. */
function imageShape(value: Value): [number, number, number, number] {
  const [n, c, h, w] = value.shape;
  if (
    n === undefined || c === undefined || h === undefined || w === undefined ||
    value.shape.length !== 4
  ) {
    throw new TypeError(
      `Cannot slide a window over ${value.name} as it must be [N, C, H, W]: ` +
        `current shape is ${formatShape(value.shape)}`,
    );
  }
  return [n, c, h, w];
}

/** How many windows lie along an axis of x. */
function windows(
  x: Value,
  axis: 2 | 3,
  { window, stride, padding }: Attributes["maxPool2d"],
): number {
  const size = x.shape[axis]!;
  const count = Math.floor((size + 2 * padding - window) / stride) + 1;
  if (size < 0 || count < 1) {
    throw new TypeError(
      `Cannot slide a window of ${window} over ${x.name} ` +
        `${formatShape(x.shape)} as it must fit along axis ${axis}`,
    );
  }
  return count;
}

function conv2dRule(
  inputs: readonly Value[],
  { stride, padding }: Attributes["conv2d"],
): ShapeAndType {
  const [x, kernel] = [operand(inputs, 0), operand(inputs, 1)];
  const [n, c] = imageShape(x);
  const [out, inner, h, w] = imageShape(kernel);
  if (c !== inner) {
    throw new TypeError(
      `Cannot convolve ${x.name} ${formatShape(x.shape)} with ${kernel.name} ` +
        `${formatShape(kernel.shape)} as their channels must be equal`,
    );
  }
  checkTypes(x, kernel);
  const rows = windows(x, 2, { window: h, stride, padding });
  const columns = windows(x, 3, { window: w, stride, padding });
  return { shape: [n, out, rows, columns], type: x.type };
}

function maxPool2dRule(
  inputs: readonly Value[],
  attributes: Attributes["maxPool2d"],
): ShapeAndType {
  const x = operand(inputs, 0);
  const [n, c] = imageShape(x);
  const rows = windows(x, 2, attributes);
  const columns = windows(x, 3, attributes);
  return { shape: [n, c, rows, columns], type: x.type };
}

function checkCotangent(cotangent: Value, shape: Shape): void {
  if (sameShape(cotangent.shape, shape)) return;
  throw new TypeError(
    `Cannot pull ${cotangent.name} back as it must be ` +
      `${formatShape(shape)}: current shape is ${formatShape(cotangent.shape)}`,
  );
}

function reduceRule(
  inputs: readonly Value[],
  { axes }: { axes: readonly number[] },
): ShapeAndType {
  const { shape, type } = operand(inputs, 0);
  for (const axis of axes) checkAxis(axis, shape);
  return {
    shape: shape.map((size, axis) => axes.includes(axis) ? 1 : size),
    type,
  };
}

function checkAxis(axis: number, shape: Shape): void {
  if (!Number.isInteger(axis) || axis < 0 || axis >= shape.length) {
    throw new RangeError(
      `Cannot use axis ${axis} as it must be below the rank of ` +
        `${formatShape(shape)}`,
    );
  }
}

function reshapeRule(
  inputs: readonly Value[],
  { shape }: Attributes["reshape"],
): ShapeAndType {
  const x = operand(inputs, 0);
  if (elementCount(shape) !== elementCount(x.shape)) {
    throw new TypeError(
      `Cannot reshape ${x.name} to ${formatShape(shape)} as the number of ` +
        `elements must stay: current shape is ${formatShape(x.shape)}`,
    );
  }
  return { shape, type: x.type };
}

function transposeRule(
  inputs: readonly Value[],
  { permutation }: Attributes["transpose"],
): ShapeAndType {
  const x = operand(inputs, 0);
  const sorted = permutation.toSorted((a, b) => a - b);
  if (
    permutation.length !== x.shape.length ||
    sorted.some((axis, i) => axis !== i)
  ) {
    throw new TypeError(
      `Cannot transpose ${x.name} ${formatShape(x.shape)} by ` +
        `[${permutation.join(", ")}] as it must name each axis once`,
    );
  }
  return { shape: permutation.map((axis) => x.shape[axis]!), type: x.type };
}

function broadcastToRule(
  inputs: readonly Value[],
  { shape }: Attributes["broadcastTo"],
): ShapeAndType {
  const x = operand(inputs, 0);
  const result = broadcastShapes(x.shape, shape);
  if (formatShape(result) !== formatShape(shape)) {
    throw new TypeError(
      `Cannot broadcast ${x.name} ${formatShape(x.shape)} to ` +
        `${formatShape(shape)} as axes may grow from 1 only`,
    );
  }
  return { shape, type: x.type };
}

function concatRule(
  inputs: readonly Value[],
  { axis }: Attributes["concat"],
): ShapeAndType {
  const first = operand(inputs, 0);
  checkAxis(axis, first.shape);
  const isFree = first.shape[axis]! < 0;
  let size = 0;
  for (const { name, shape, type } of inputs) {
    const fits = type === first.type && shape.length === first.shape.length &&
      shape.every((n, i) =>
        i === axis ? n < 0 === isFree : n === first.shape[i]
      );
    if (!fits) {
      throw new TypeError(
        `Cannot join ${name} ${type}${formatShape(shape)} to ${first.name} ` +
          `${first.type}${formatShape(first.shape)} along axis ${axis} as ` +
          `all other sizes and the types must be equal, and either all or ` +
          `none of the joined sizes free`,
      );
    }
    size += shape[axis]!;
  }
  return { shape: first.shape.with(axis, size), type: first.type };
}

function sliceRule(
  inputs: readonly Value[],
  { axis, start, end }: Attributes["slice"],
): ShapeAndType {
  const x = operand(inputs, 0);
  checkAxis(axis, x.shape);
  if (!(0 <= start && start < end && end <= x.shape[axis]!)) {
    throw new RangeError(
      `Cannot slice ${x.name} ${
        formatShape(x.shape)
      } from ${start} to ${end} ` +
        `along axis ${axis} as the range must lie inside`,
    );
  }
  return { shape: x.shape.with(axis, end - start), type: x.type };
}

function gatherRule(inputs: readonly Value[]): ShapeAndType {
  const [table, indices] = [operand(inputs, 0), operand(inputs, 1)];
  if (indices.type !== "int" || table.shape.length !== 2) {
    throw new TypeError(
      `Cannot gather rows of ${table.name} ${formatShape(table.shape)} by ` +
        `${indices.name} as the table must have two axes and the indices ` +
        `must be int: current type is ${indices.type}`,
    );
  }
  return { shape: [...indices.shape, table.shape[1]!], type: table.type };
}
