/**
 * Runs a graph in onnxruntime within the test's own thread, without the worker
 * of a session: hundreds of tiny graphs run in a second.
 *
 * @module
 */
import * as ort from "onnxruntime-node";
import { openSafetensors } from "../../lib/checkpoint/safetensors.ts";
import type { WeightEntry } from "../../lib/checkpoint/weights.ts";
import { writeSafetensors } from "../../lib/checkpoint/write_safetensors.ts";
import type { Graph, Value } from "../../lib/graph/graph.ts";
import {
  dataType,
  type Emitter,
  type Precision,
} from "../../lib/onnx/emitter.ts";
import { encodeOnnx } from "../../lib/onnx/encode.ts";
import type { Provider } from "../../lib/onnx/session_worker.ts";
import { type Fused, fusedOn } from "../../lib/onnx/fusions.ts";
import type { DataType, TensorInfo } from "../../lib/onnx/model_proto.ts";
import type { NamedNumbers, Numbers } from "../contract/numbers.ts";

/** Options of {@linkcode runGraph}. */
export interface RunGraphOptions {
  /** Numbers for the graph's inputs; others are left out. */
  readonly feeds?: NamedNumbers;
  /**
   * Where parameters lie.
   *
   * @default {new Map()}
   */
  readonly weights?: ReadonlyMap<string, WeightEntry>;
  /**
   * Files of parameters that are written into the model.
   *
   * @default {new Map()}
   */
  readonly files?: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
  /** @default {"f32"} */
  readonly precision?: Precision;
  /** @default {What is used on the provider} */
  readonly fuse?: Fused;
  /** @default {`PROVIDER`} */
  readonly provider?: Provider;
}

/** Names where graphs run that do not say it, so that tests of any engine can be
 * run on another provider. */
const VARIABLE = "MFP_TEST_PROVIDER";

function readProvider(): Provider {
  const { state } = Deno.permissions.querySync({
    name: "env",
    variable: VARIABLE,
  });
  const named = state === "granted" ? Deno.env.get(VARIABLE) : undefined;
  return named === "webgpu" || named === "cuda" ? named : "cpu";
}

/** Where graphs run that do not say it. */
const PROVIDER = readProvider();

function folderOf(weights: ReadonlyMap<string, WeightEntry>): string {
  const files = [...weights.values()].map(({ file }) => file.split("/"));
  const [first = [], ...rest] = files;
  const differs = first.findIndex((part, i) =>
    i === first.length - 1 || rest.some((other) => other[i] !== part)
  );
  return first.slice(0, Math.max(differs, 0)).join("/");
}

type FedType = Exclude<DataType, "float16" | "bfloat16" | "int8">;

/** Deno cannot hand float16 to onnxruntime: such inputs are fed as float32. */
function fedType({ type }: Value, precision: Precision): FedType {
  const name = dataType(type, precision);
  return name === "float16" || name === "bfloat16" || name === "int8"
    ? "float32"
    : name;
}

function ortTensor({ shape, data }: Numbers, type: FedType): ort.Tensor {
  const tensors: Record<FedType, () => ort.Tensor> = {
    float32: () => new ort.Tensor("float32", Float32Array.from(data), shape),
    float64: () => new ort.Tensor("float64", Float64Array.from(data), shape),
    int64: () =>
      new ort.Tensor("int64", BigInt64Array.from(data, BigInt), shape),
    uint8: () => new ort.Tensor("uint8", Uint8Array.from(data), shape),
    bool: () => new ort.Tensor("bool", Uint8Array.from(data), shape),
  };
  return tensors[type]();
}

function numbers({ type, dims: shape, data }: ort.Tensor): Numbers {
  if (type === "string") throw new TypeError("No output is a string");
  return { shape, data: Array.from(data as ArrayLike<number>, Number) };
}

/** Casts what is fed as float32 but is float16 in the graph. */
function castFeeds({ inputs }: Graph, precision: Precision) {
  return (emit: Emitter): TensorInfo[] =>
    inputs.map((value) => {
      const { name, shape } = value;
      const type = fedType(value, precision);
      if (emit.dataType(value.type) === type) return { name, shape, type };
      const fed = `${name} as fed`;
      emit.cast(fed, emit.dataType(value.type), { output: name });
      return { name: fed, shape, type };
    });
}

function tensorsFor(
  { inputs }: Graph,
  { feeds, precision }: { feeds: NamedNumbers; precision: Precision },
): Record<string, ort.Tensor> {
  const tensors = inputs.flatMap((value) => {
    const fed = feeds[value.name];
    if (fed === undefined) return [];
    const type = fedType(value, precision);
    const same = dataType(value.type, precision) === type;
    const name = same ? value.name : `${value.name} as fed`;
    return [[name, ortTensor(fed, type)] as const];
  });
  return Object.fromEntries(tensors);
}

/** Encodes a graph for onnxruntime, as {@linkcode runGraph} does. */
export function encode(
  graph: Graph,
  options: Omit<RunGraphOptions, "feeds"> = {},
): Uint8Array<ArrayBuffer> {
  const { weights = new Map(), precision = "f32", files } = options;
  const { provider = PROVIDER, fuse = fusedOn(provider) } = options;
  const folder = folderOf(weights);
  return encodeOnnx(graph, {
    precision,
    fuse,
    weight: (name) => weights.get(name)!,
    locate: (file) => file.slice(folder.length + 1),
    files,
    prelude: castFeeds(graph, precision),
  });
}

/** Runs a graph once and returns its outputs. */
export async function runGraph(
  graph: Graph,
  { feeds = {}, ...options }: RunGraphOptions = {},
): Promise<NamedNumbers> {
  const { weights = new Map(), precision = "f32", fuse = true } = options;
  const { provider = PROVIDER } = options;
  const bytes = encode(graph, options);
  const session = await ort.InferenceSession.create(bytes, {
    executionProviders: [provider],
    intraOpNumThreads: 1,
    logSeverityLevel: 4,
    // Its own fusions know float32 only: they keep factors as float32, and
    // make operators without a kernel. What is spelt out stays spelt out.
    graphOptimizationLevel: fuse && precision !== "f64" ? "extended" : "basic",
    extra: {
      session: {
        model_external_initializers_file_folder_path: folderOf(weights),
      },
    },
  });
  try {
    const tensors = tensorsFor(graph, { feeds, precision });
    const outputs = await session.run(tensors);
    return Object.fromEntries(
      Object.entries(outputs).map(([name, output]) => [name, numbers(output)]),
    );
  } finally {
    await session.release();
  }
}

/** The same with parameters given as numbers. */
export async function runGraphWith(
  graph: Graph,
  parameters: NamedNumbers,
  options: Omit<RunGraphOptions, "weights"> = {},
): Promise<NamedNumbers> {
  if (Object.keys(parameters).length === 0) return runGraph(graph, options);
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/parameters.safetensors`;
    const tensors = Object.entries(parameters).map((
      [name, { shape, data }],
    ) => [
      name,
      { dtype: "F32", shape, data: Float32Array.from(data) } as const,
    ]);
    await writeSafetensors(path, Object.fromEntries(tensors));
    const { tensors: weights } = await openSafetensors(path);
    return await runGraph(graph, { ...options, weights });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
