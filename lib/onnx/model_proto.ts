/**
 * The messages of onnx.proto3 that this project writes.
 *
 * @module
 */
import { formatDimension } from "../graph/shape.ts";
import { Message } from "./protobuf.ts";

/** TensorProto.DataType. */
export const DATA_TYPE = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
  bfloat16: 16,
} as const;

/** Element type of a tensor as ONNX spells it here. */
export type DataType = keyof typeof DATA_TYPE;

/**
 * Value of an operator's attribute. A whole number that is meant as a float is
 * `{ float }`, the body of a loop is `{ graph }`.
 */
export type Attribute =
  | number
  | string
  | readonly number[]
  | { readonly float: number }
  | { readonly graph: OnnxGraph };

/** One operator. */
export interface OperatorNode {
  /** Operator type. */
  readonly type: string;
  /** Operator domain; ONNX's own by default. */
  readonly domain?: string;
  /** Names of the values it reads; "" skips an optional one. */
  readonly inputs: readonly string[];
  /** Names of the values it writes. */
  readonly outputs: readonly string[];
  /** Its attributes. */
  readonly attributes?: Readonly<Record<string, Attribute>>;
}

/** A tensor with a name and a shape. */
export interface TensorInfo {
  /** Its name. */
  readonly name: string;
  /** Its shape; a negative or named dimension is free. */
  readonly shape: readonly (number | string)[];
  /** Its element type. */
  readonly type: DataType;
}

/** A tensor stored with the model: its bytes, or where they lie. */
export interface Initializer extends TensorInfo {
  /** Its shape, without a free dimension. */
  readonly shape: readonly number[];
  /** Little-endian bytes, or a range of a file beside the model. */
  readonly data: Uint8Array | {
    readonly location: string;
    readonly offset: number;
    readonly byteLength: number;
  };
}

/** Operators with what they read and return. */
export interface OnnxGraph {
  /** Operators in order of computation. */
  readonly nodes: readonly OperatorNode[];
  /** Stored tensors. */
  readonly initializers: readonly Initializer[];
  /** What a run is fed. */
  readonly inputs: readonly TensorInfo[];
  /** What a run returns. */
  readonly outputs: readonly TensorInfo[];
}

/** A model as ONNX describes it. */
export interface OnnxModel extends OnnxGraph {
  /**
   * What the model says about itself.
   *
   * @default {{}}
   */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** The version of ONNX's file format that models are written in. */
export const IR_VERSION = 9;

/** The version of ONNX's operators that models use. */
export const OPSET_VERSION = 20;

/** Numbers of the fields that are written, as in onnx.proto. */
const FIELD = {
  model: {
    irVersion: 1,
    producerName: 2,
    graph: 7,
    opsetImport: 8,
    metadata: 14,
  },
  opset: { domain: 1, version: 2 },
  graph: { node: 1, name: 2, initializer: 5, input: 11, output: 12 },
  node: { input: 1, output: 2, name: 3, opType: 4, attribute: 5, domain: 7 },
  attribute: {
    name: 1,
    float: 2,
    int: 3,
    string: 4,
    graph: 6,
    ints: 8,
    type: 20,
  },
  tensor: {
    dims: 1,
    dataType: 2,
    name: 8,
    rawData: 9,
    externalData: 13,
    dataLocation: 14,
  },
  entry: { key: 1, value: 2 },
  valueInfo: { name: 1, type: 2 },
  type: { tensorType: 1 },
  tensorType: { elementType: 1, shape: 2 },
  shape: { dimension: 1 },
  dimension: { value: 1, parameter: 2 },
} as const;

/** AttributeProto.AttributeType. */
const ATTRIBUTE_TYPE = {
  float: 1,
  int: 2,
  string: 3,
  graph: 5,
  ints: 7,
} as const;

/** TensorProto.DataLocation. */
const EXTERNAL = 1;

/** Writes a model as the bytes of a ModelProto. */
export function writeModel(model: OnnxModel): Uint8Array<ArrayBuffer> {
  const domains = new Set(model.nodes.flatMap(({ domain }) => domain ?? []));
  const sets = [...domains].map((domain) => opsetProto(domain, 1));
  const entries = Object.entries(model.metadata ?? {}).map(stringEntry);
  return new Message()
    .int(FIELD.model.irVersion, IR_VERSION)
    .string(FIELD.model.producerName, "mfp-clip")
    .message(FIELD.model.graph, graphProto(model, "mfp-clip"))
    .message(FIELD.model.opsetImport, opsetProto("", OPSET_VERSION))
    .messages(FIELD.model.opsetImport, sets)
    .messages(FIELD.model.metadata, entries)
    .finish();
}

function graphProto(graph: OnnxGraph, name: string): Message {
  const field = FIELD.graph;
  return new Message()
    .messages(field.node, graph.nodes.map(nodeProto))
    .string(field.name, name)
    .messages(field.initializer, graph.initializers.map(tensorProto))
    .messages(field.input, graph.inputs.map(valueInfoProto))
    .messages(field.output, graph.outputs.map(valueInfoProto));
}

function stringEntry([key, value]: [string, unknown]): Message {
  return new Message()
    .string(FIELD.entry.key, key)
    .string(FIELD.entry.value, `${value}`);
}

function opsetProto(domain: string, version: number): Message {
  return new Message()
    .string(FIELD.opset.domain, domain)
    .int(FIELD.opset.version, version);
}

function nodeProto(node: OperatorNode): Message {
  const field = FIELD.node;
  const message = new Message();
  for (const name of node.inputs) message.string(field.input, name);
  for (const name of node.outputs) message.string(field.output, name);
  message.string(field.name, node.outputs[0] ?? "")
    .string(field.opType, node.type);
  const attributes = Object.entries(node.attributes ?? {});
  message.messages(field.attribute, attributes.map(attributeProto));
  return node.domain === undefined
    ? message
    : message.string(field.domain, node.domain);
}

function attributeProto([name, value]: [string, Attribute]): Message {
  const field = FIELD.attribute;
  const message = new Message().string(field.name, name);
  const typed = (type: keyof typeof ATTRIBUTE_TYPE) =>
    message.int(field.type, ATTRIBUTE_TYPE[type]);
  if (typeof value === "string") {
    message.bytes(field.string, new TextEncoder().encode(value));
    return typed("string");
  }
  if (typeof value === "number") {
    message.int(field.int, value);
    return typed("int");
  }
  if ("graph" in value) {
    message.message(field.graph, graphProto(value.graph, name));
    return typed("graph");
  }
  if ("float" in value) {
    message.float(field.float, value.float);
    return typed("float");
  }
  for (const item of value) message.int(field.ints, item);
  return typed("ints");
}

function tensorProto({ name, shape, type, data }: Initializer): Message {
  const field = FIELD.tensor;
  const message = new Message();
  for (const size of shape) message.int(field.dims, size);
  message.int(field.dataType, DATA_TYPE[type]).string(field.name, name);
  if (data instanceof Uint8Array) return message.bytes(field.rawData, data);
  const { location, offset, byteLength } = data;
  const entries = Object.entries({ location, offset, length: byteLength });
  message.messages(field.externalData, entries.map(stringEntry));
  return message.int(field.dataLocation, EXTERNAL);
}

function dimensionProto(size: number | string): Message {
  const { value, parameter } = FIELD.dimension;
  if (typeof size === "string") return new Message().string(parameter, size);
  return size >= 0
    ? new Message().int(value, size)
    : new Message().string(parameter, formatDimension(size));
}

function valueInfoProto({ name, shape, type }: TensorInfo): Message {
  const dimensions = new Message()
    .messages(FIELD.shape.dimension, shape.map(dimensionProto));
  const tensor = new Message()
    .int(FIELD.tensorType.elementType, DATA_TYPE[type])
    .message(FIELD.tensorType.shape, dimensions);
  return new Message()
    .string(FIELD.valueInfo.name, name)
    .message(
      FIELD.valueInfo.type,
      new Message().message(FIELD.type.tensorType, tensor),
    );
}
