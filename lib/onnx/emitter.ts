/**
 * Collects the operators and stored tensors of an ONNX model.
 *
 * @module
 */
import type { WeightEntry } from "../checkpoint/weights.ts";
import type { Value } from "../graph/graph.ts";
import type { ElementType } from "../graph/primitives.ts";
import type { Shape } from "../graph/shape.ts";
import {
  type Attribute,
  DATA_TYPE,
  type DataType,
  type Initializer,
  type OperatorNode,
  type TensorInfo,
} from "./model_proto.ts";

/** Precision that a network runs in. */
export type Precision = "f16" | "f32" | "f64";

/** What {@linkcode Emitter} needs to know. */
export interface EmitterOptions {
  /** Precision of the type `float`. */
  readonly precision: Precision;
  /** Where a parameter lies. */
  readonly weight: (name: string) => WeightEntry;
  /** The name under which an engine opens a checkpoint file. */
  readonly locate: (file: string) => string;
  /**
   * Checkpoint files whose parameters are written into the model, and their
   * bytes. onnxruntime loads many small tensors faster so.
   *
   * @default {new Map()}
   */
  readonly files?: ReadonlyMap<string, Uint8Array<ArrayBuffer>> | undefined;
  /**
   * Parameters that a run is fed, as trainable ones are, instead of reading
   * them from their file.
   *
   * @default {new Set()}
   */
  readonly feed?: ReadonlySet<string>;
  /**
   * The batch size, where it is known: onnxruntime then plans memory for the
   * many values of a training program several times faster.
   *
   * @default {free}
   */
  readonly batch?: number;
}

const FLOAT: Record<Precision, DataType> = {
  f16: "float16",
  f32: "float32",
  f64: "float64",
};

const STORED: Partial<Record<WeightEntry["dtype"], DataType>> = {
  F16: "float16",
  BF16: "bfloat16",
  F32: "float32",
  I8: "int8",
  U8: "uint8",
};

/** ONNX's name of an element type at a precision. */
export function dataType(type: ElementType, precision: Precision): DataType {
  if (type === "float") return FLOAT[precision];
  if (type === "wide") return precision === "f64" ? "float64" : "float32";
  if (type === "half") return "float16";
  return type === "int" ? "int64" : type;
}

/** Numbers as little-endian bytes of a type. */
export function tensorBytes(
  data: Float64Array,
  type: DataType,
): Uint8Array {
  const array = type === "float64"
    ? data
    : type === "float32"
    ? new Float32Array(data)
    : type === "float16"
    ? new Float16Array(data)
    : type === "int64"
    ? BigInt64Array.from(data, BigInt)
    : Uint8Array.from(data);
  return new Uint8Array(array.buffer);
}

/** Float16 numbers as float32, exactly. */
function widened(data: Uint8Array): Uint8Array {
  // Numbers need not begin at an even byte of their file.
  const numbers = new Float16Array(data.slice().buffer);
  return new Uint8Array(new Float32Array(numbers).buffer);
}

/** A value as 8-bit integers. */
export interface QuantisedValue {
  /** Name of the integers, from 0 to 255. */
  readonly integers: string;
  /** Name of what one step is worth, a scalar. */
  readonly step: string;
  /** Name of the integer that stands for 0. */
  readonly zero: string;
  /** Name of what each row was divided by [.., 1]; null for nothing. */
  readonly rows: string | null;
}

/** The model under construction; the encoding rules add to it. */
export class Emitter {
  /** Operators so far. */
  readonly nodes: OperatorNode[] = [];
  /** Stored tensors so far. */
  readonly initializers: Initializer[] = [];
  readonly #options: EmitterOptions;
  /** The value that is being computed: it begins the names of its parts. */
  place = "";
  /** Quantised values: name and smoothing -> names of their parts. */
  readonly quantised: Map<string, QuantisedValue> = new Map();
  /** Values that are computed as rows, or read so -> names of those. */
  readonly rows: Map<string, string> = new Map();
  readonly #stored = new Set<string>();
  readonly #integers = new Map<string, string>();
  #count = 0;
  #batch: { source: Value; name?: string } | undefined;

  constructor(options: EmitterOptions) {
    this.#options = options;
  }

  /** ONNX's name of an element type. */
  dataType(type: ElementType): DataType {
    return dataType(type, this.#options.precision);
  }

  /** Precision of the type `float`. */
  get precision(): Precision {
    return this.#options.precision;
  }

  /**
   * Adds an operator.
   *
   * @returns The name of what it computes: `output` where given.
   */
  node(
    type: string,
    inputs: readonly string[],
    { output = this.#temporary(type), attributes = {}, domain }: {
      output?: string;
      attributes?: Record<string, Attribute>;
      domain?: string;
    } = {},
  ): string {
    const base = { type, inputs, outputs: [output], attributes };
    this.nodes.push(domain === undefined ? base : { ...base, domain });
    return output;
  }

  /** Adds a list of whole numbers, as operators take for shapes and axes, once. */
  integers(values: readonly number[]): string {
    const earlier = this.#integers.get(`${values}`);
    if (earlier !== undefined) return earlier;
    const name = this.#temporary("integers");
    this.#integers.set(`${values}`, name);
    const data = tensorBytes(Float64Array.from(values), "int64");
    const shape = [values.length];
    this.initializers.push({ name, shape, type: "int64", data });
    return name;
  }

  /** Adds float32 numbers, whatever the precision of the network. */
  floats(values: readonly number[], shape: readonly number[] = []): string {
    const name = this.#temporary("floats");
    const data = tensorBytes(Float64Array.from(values), "float32");
    this.initializers.push({ name, shape, type: "float32", data });
    return name;
  }

  /** Adds one number of type `float`. */
  scalar(value: number): string {
    const name = this.#temporary("scalar");
    const type = this.dataType("float");
    const data = tensorBytes(Float64Array.of(value), type);
    this.initializers.push({ name, shape: [], type, data });
    return name;
  }

  /** Adds a tensor with its numbers. */
  constant(value: Value, data: Float64Array): void {
    const type = this.dataType(value.type);
    const { name, shape } = value;
    const bytes = tensorBytes(data, type);
    this.initializers.push({ name, shape, type, data: bytes });
  }

  /** The description of an input or output of the model. */
  info(name: string, { shape, type }: Value): TensorInfo {
    return { name, shape: this.#resolve(shape), type: this.dataType(type) };
  }

  /** A shape with the batch size put in, where it is known. */
  #resolve(shape: Shape): Shape {
    const { batch } = this.#options;
    if (batch === undefined) return shape;
    return shape.map((size) => size < 0 ? -size * batch : size);
  }

  /** Whether a value is a parameter that a run is fed. */
  isFed({ name }: Value): boolean {
    return this.#options.feed?.has(name) ?? false;
  }

  /** Adds a parameter, cast in the graph where it is stored in another type. */
  parameter(value: Value): void {
    if (this.isFed(value)) return;
    const { name } = value;
    const { weight, precision } = this.#options;
    const entry = weight(name);
    const { transposed } = entry;
    const { type, data } = this.#read(name, entry);
    const cast = type !== FLOAT[precision];
    const stored = cast || transposed ? `${name} as stored` : name;
    this.initializers.push({ name: stored, shape: entry.shape, type, data });
    const target = this.dataType("float");
    const plain = cast
      ? this.cast(stored, target, transposed ? {} : { output: name })
      : stored;
    if (transposed) this.node("Transpose", [plain], { output: name });
  }

  /** What stands for a parameter in the model: its numbers, or their place. */
  #read(
    name: string,
    entry: WeightEntry,
  ): Pick<Initializer, "type" | "data"> {
    const type = STORED[entry.dtype];
    if (type === undefined || type === "int8" || type === "uint8") {
      throw new TypeError(
        `Cannot encode ${name} as its type must be F32, F16 or BF16: current ` +
          `type is ${entry.dtype}`,
      );
    }
    const { file, offset, byteLength } = entry;
    const bytes = this.#options.files?.get(file);
    if (bytes === undefined) return { type, data: this.#place(entry) };
    const data = bytes.subarray(offset, offset + byteLength);
    return type === "float16" && this.precision === "f32"
      ? { type: "float32", data: widened(data) }
      : { type, data };
  }

  /** Adds a byte. */
  byte(value: number): string {
    const name = this.#temporary("byte");
    const data = Uint8Array.of(value);
    this.initializers.push({ name, shape: [], type: "uint8", data });
    return name;
  }

  /** Type of a tensor that is in the model's files only. */
  storedType(name: string): DataType {
    return STORED[this.#options.weight(name).dtype]!;
  }

  /** Adds a tensor that is in the model's files only, once. */
  stored(name: string): string {
    if (this.#stored.has(name)) return name;
    this.#stored.add(name);
    const entry = this.#options.weight(name);
    const data = this.#place(entry);
    const type = this.storedType(name);
    this.initializers.push({ name, shape: entry.shape, type, data });
    return name;
  }

  #place({ file, offset, byteLength }: WeightEntry) {
    const location = this.#options.locate(file);
    return { location, offset, byteLength };
  }

  /** Adds a change of type. */
  cast(name: string, to: DataType, options: { output?: string } = {}): string {
    const attributes = { to: DATA_TYPE[to] };
    return this.node("Cast", [name], { ...options, attributes });
  }

  /** Tells which fed tensor shows the size of the batch. */
  batchFrom(source: Value): void {
    this.#batch ??= { source };
  }

  /** A list of dimensions as a tensor, the free one computed. */
  dimensions(shape: Shape): string {
    const sizes = this.#resolve(shape);
    if (sizes.every((size) => size >= 0)) return this.integers(sizes);
    const parts = shape.map((size) =>
      size >= 0
        ? this.integers([size])
        : this.node("Mul", [this.#batchSize(), this.integers([-size])])
    );
    return this.node("Concat", parts, { attributes: { axis: 0 } });
  }

  #batchSize(): string {
    if (this.#batch === undefined) {
      throw new TypeError(
        "Cannot compute the batch size as an input must have a free first " +
          "dimension",
      );
    }
    const { source } = this.#batch;
    this.#batch.name ??= this.node("Shape", [source.name], {
      attributes: { start: 0, end: 1 },
    });
    return this.#batch.name;
  }

  #temporary(type: string): string {
    return `${this.place}:${type}#${this.#count++}`;
  }
}
