/**
 * Programs run many times in float64.
 *
 * @module
 */
import * as ort from "onnxruntime-node";
import type { WeightEntry } from "../../lib/checkpoint/weights.ts";
import type { Graph, Value } from "../../lib/graph/graph.ts";
import { encodeOnnx } from "../../lib/onnx/encode.ts";
import type { NamedNumbers, Numbers } from "../contract/numbers.ts";

/** A program in a session of its own. */
export interface Float64Program extends AsyncDisposable {
  /** Runs it once. */
  run(feeds: NamedNumbers): Promise<Record<string, Float64Array>>;
}

/** Options of {@linkcode openFloat64}. */
export interface Float64Options {
  /**
   * Where parameters lie.
   *
   * @default {new Map()}
   */
  readonly weights?: ReadonlyMap<string, WeightEntry>;
  /** The folder that holds them. */
  readonly folder?: string;
  /** The batch size, for programs whose inputs do not show it. */
  readonly batch?: number;
}

function tensor({ shape, data }: Numbers, { type }: Value): ort.Tensor {
  if (type === "int") {
    return new ort.Tensor("int64", BigInt64Array.from(data, BigInt), shape);
  }
  if (type === "uint8" || type === "bool") {
    return new ort.Tensor(type, Uint8Array.from(data), shape);
  }
  return new ort.Tensor("float64", Float64Array.from(data), shape);
}

/** Opens a program whose outputs are floats. */
export async function openFloat64(
  graph: Graph,
  { weights = new Map(), folder = "", batch }: Float64Options = {},
): Promise<Float64Program> {
  const bytes = encodeOnnx(graph, {
    precision: "f64",
    weight: (name) => weights.get(name)!,
    locate: (file) => file.slice(folder.length + 1),
    ...batch === undefined ? {} : { batch },
  });
  const session = await ort.InferenceSession.create(bytes, {
    executionProviders: ["cpu"],
    intraOpNumThreads: 1,
    logSeverityLevel: 4,
    graphOptimizationLevel: "basic",
    extra: {
      session: { model_external_initializers_file_folder_path: folder },
    },
  });
  return {
    run: async (feeds) => {
      const inputs = graph.inputs.map((value) =>
        [value.name, tensor(feeds[value.name]!, value)] as const
      );
      const outputs = await session.run(Object.fromEntries(inputs));
      return Object.fromEntries(
        Object.entries(outputs).map(([name, { data }]) =>
          [name, data as Float64Array] as const
        ),
      );
    },
    [Symbol.asyncDispose]: () => session.release(),
  };
}
