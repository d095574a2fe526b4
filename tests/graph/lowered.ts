/**
 * Programs without the primitives that onnxruntime has no float64 kernel for.
 *
 * @module
 */
import { GraphBuilder } from "../../lib/graph/builder.ts";
import type { Graph, Node, NodeOf, Value } from "../../lib/graph/graph.ts";
import type { Primitive } from "../../lib/graph/primitives.ts";

type Lowering<P extends Primitive> = (
  g: GraphBuilder,
  inputs: readonly Value[],
  node: NodeOf<P>,
) => Value;

type Lowered =
  | "erf"
  | "leakyRelu"
  | "conv2d"
  | "conv2dInputGradient"
  | "conv2dKernelGradient";

const LOWERINGS: { [P in Lowered]: Lowering<P> } = {
  erf: (g, [x]) => erfSeries(g, x!),
  leakyRelu: (g, [x], { attributes: { slope } }) =>
    g.add(g.maximum(x!, 0), g.multiply(g.minimum(x!, 0), slope)),
  conv2d: lowerConv2d,
  conv2dInputGradient: lowerInputGradient,
  conv2dKernelGradient: lowerKernelGradient,
};

/** 2 / sqrt(pi) e^(-x^2) sum 2^n x^(2n + 1) / (2n + 1)!!, exact for |x| <= 4. */
function erfSeries(g: GraphBuilder, x: Value): Value {
  const square = g.multiply(x, x);
  let sum: Value | number = 1;
  for (let n = 80; n > 0; n--) {
    sum = g.add(g.multiply(g.multiply(square, 2 / (2 * n + 1)), sum), 1);
  }
  const slope = g.multiply(g.exp(g.negate(square)), 2 / Math.sqrt(Math.PI));
  return g.multiply(g.multiply(slope, x), sum);
}

interface Windows {
  readonly stride: number;
  readonly padding: number;
}

/** [out, size]: which place each window reads at an offset. */
function pick(
  g: GraphBuilder,
  [out, size]: readonly [number, number],
  { stride, padding, offset }: Windows & { offset: number },
): Value {
  const data = new Float64Array(out * size);
  for (let i = 0; i < out; i++) {
    const place = i * stride + offset - padding;
    if (place >= 0 && place < size) data[i * size + place] = 1;
  }
  return g.constant(data, [out, size]);
}

interface Offset {
  /** [out H, H] and [out W, W]. */
  readonly rows: Value;
  readonly columns: Value;
  readonly at: readonly [number, number];
}

/** All cells of a kernel [O, C, h, w]. */
function offsets(
  g: GraphBuilder,
  { kernel, input, output, windows }: {
    kernel: Value["shape"];
    input: Value["shape"];
    output: Value["shape"];
    windows: Windows;
  },
): Offset[] {
  const along = (axis: number, offset: number) =>
    pick(g, [output[axis]!, input[axis]!], { ...windows, offset });
  return Array.from({ length: kernel[2]! }, (_, i) => i).flatMap((i) =>
    Array.from({ length: kernel[3]! }, (_, j): Offset => ({
      rows: along(2, i),
      columns: along(3, j),
      at: [i, j],
    }))
  );
}

/** The cell [O, C] of a kernel [O, C, h, w]. */
function cell(
  g: GraphBuilder,
  kernel: Value,
  [i, j]: Offset["at"],
): Value {
  const [o, c] = kernel.shape as [number, number];
  const row = g.slice(kernel, 2, i, i + 1);
  return g.reshape(g.slice(row, 3, j, j + 1), [o, c]);
}

/** x [N, C, H, W] at an offset of all windows: [N, C, out H out W]. */
function shifted(g: GraphBuilder, x: Value, { rows, columns }: Offset): Value {
  const y = g.matMul(g.matMul(rows, x), columns, { transposeB: true });
  const [n, c, h, w] = y.shape as [number, number, number, number];
  return g.reshape(y, [n, c, h * w]);
}

function total(g: GraphBuilder, parts: readonly Value[]): Value {
  return parts.reduce((a, b) => g.add(a, b));
}

function lowerConv2d(
  g: GraphBuilder,
  inputs: readonly Value[],
  { attributes: windows, output }: NodeOf<"conv2d">,
): Value {
  const [x, kernel] = inputs as readonly [Value, Value];
  const all = offsets(g, {
    kernel: kernel.shape,
    input: x.shape,
    output: output.shape,
    windows,
  });
  const parts = all.map((offset) =>
    g.matMul(cell(g, kernel, offset.at), shifted(g, x, offset))
  );
  return g.reshape(total(g, parts), output.shape);
}

function lowerInputGradient(
  g: GraphBuilder,
  inputs: readonly Value[],
  { attributes: windows, output }: NodeOf<"conv2dInputGradient">,
): Value {
  const [dy, kernel] = inputs as readonly [Value, Value];
  const [n, o, h, w] = dy.shape as [number, number, number, number];
  const flat = g.reshape(dy, [n, o, h * w]);
  const all = offsets(g, {
    kernel: kernel.shape,
    input: output.shape,
    output: dy.shape,
    windows,
  });
  const parts = all.map(({ rows, columns, at }) => {
    const mixed = g.matMul(g.transpose(cell(g, kernel, at), [1, 0]), flat);
    const grid = g.reshape(mixed, [n, kernel.shape[1]!, h, w]);
    return g.matMul(g.matMul(g.transpose(rows, [1, 0]), grid), columns);
  });
  return total(g, parts);
}

function lowerKernelGradient(
  g: GraphBuilder,
  inputs: readonly Value[],
  { attributes: windows, output }: NodeOf<"conv2dKernelGradient">,
): Value {
  const [x, dy] = inputs as readonly [Value, Value];
  const [n, o, h, w] = dy.shape as [number, number, number, number];
  const flat = g.reshape(dy, [n, o, h * w]);
  const all = offsets(g, {
    kernel: output.shape,
    input: x.shape,
    output: dy.shape,
    windows,
  });
  const cells = all.map((offset) => {
    const own = g.matMul(flat, shifted(g, x, offset), { transposeB: true });
    return g.reshape(g.reduceSum(own, [0]), [o, x.shape[1]!, 1]);
  });
  return g.reshape(g.concat(cells, 2), output.shape);
}

/**
 * The same program in primitives that run in float64, without composites.
 *
 * @param graph The program.
 * @param feed Values that become inputs, by the names that these get; a
 * parameter of the program may become an input of its own name.
 */
export function lower(
  graph: Graph,
  feed: Readonly<Record<string, Value>> = {},
): Graph {
  const g = new GraphBuilder();
  const values = new Map<Value, Value>();
  for (const [name, value] of Object.entries(feed)) {
    values.set(value, g.input(name, value.shape, value.type));
  }
  for (const node of graph.nodes) {
    if (!values.has(node.output)) record(g, node, values);
  }
  const outputs = [...graph.outputs].map(([name, value]) =>
    [name, values.get(value)!] as const
  );
  return g.build(Object.fromEntries(outputs));
}

function record(
  g: GraphBuilder,
  node: Node,
  values: Map<Value, Value>,
): void {
  const { primitive, output, inputs: own } = node;
  const inputs = own.map((input) => values.get(input)!);
  const made = primitive === "input"
    ? g.input(output.name, output.shape, output.type)
    : primitive === "parameter"
    ? g.parameter(output.name, output.shape)
    : lowered(g, node, inputs);
  if (made === undefined) g.replay({ nodes: [node], composites: [] }, values);
  else values.set(output, made);
}

function lowered<P extends Primitive>(
  g: GraphBuilder,
  node: NodeOf<P>,
  inputs: readonly Value[],
): Value | undefined {
  const table: { [K in Primitive]?: Lowering<K> } = LOWERINGS;
  return table[node.primitive]?.(g, inputs, node);
}
