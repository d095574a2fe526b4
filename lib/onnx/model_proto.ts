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
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
  bfloat16: 16,
} as const;

/** Element type of a tensor as ONNX spells it here. */
export type DataType = keyof typeof DATA_TYPE;

/** Value of an operator's attribute. A whole number that is meant as a float is `{ float }`. */
export type Attribute =
  | number
  | string
  | readonly number[]
  | { readonly float: number };

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
  /** Its shape, all of it known. */
  readonly shape: readonly number[];
  /** Little-endian bytes, or a range of a file beside the model. */
  readonly data: Uint8Array | {
    readonly location: string;
    readonly offset: number;
    readonly byteLength: number;
  };
}

/** A model in the terms of ONNX. */
export interface OnnxModel {
  /** Operators in order of computation. */
  readonly nodes: readonly OperatorNode[];
  /** Stored tensors. */
  readonly initializers: readonly Initializer[];
  /** What a run is fed. */
  readonly inputs: readonly TensorInfo[];
  /** What a run returns. */
  readonly outputs: readonly TensorInfo[];
}

const IR_VERSION = 9;
const OPSET_VERSION = 20;

/** Writes a model as the bytes of a ModelProto. */
export function writeModel(model: OnnxModel): Uint8Array<ArrayBuffer> {
  const graph = new Message()
    .messages(1, model.nodes.map(nodeProto))
    .string(2, "mfp-clip")
    .messages(5, model.initializers.map(tensorProto))
    .messages(11, model.inputs.map(valueInfoProto))
    .messages(12, model.outputs.map(valueInfoProto));
  return new Message()
    .int(1, IR_VERSION)
    .string(2, "mfp-clip")
    .message(7, graph)
    .message(8, new Message().string(1, "").int(2, OPSET_VERSION))
    .message(8, new Message().string(1, "com.microsoft").int(2, 1))
    .finish();
}

function nodeProto(node: OperatorNode): Message {
  const message = new Message();
  for (const name of node.inputs) message.string(1, name);
  for (const name of node.outputs) message.string(2, name);
  message.string(3, node.outputs[0] ?? "").string(4, node.type);
  const attributes = Object.entries(node.attributes ?? {});
  message.messages(5, attributes.map(attributeProto));
  return node.domain === undefined ? message : message.string(7, node.domain);
}

function attributeProto([name, value]: [string, Attribute]): Message {
  const message = new Message().string(1, name);
  if (typeof value === "string") {
    return message.bytes(4, new TextEncoder().encode(value)).int(20, 3);
  }
  if (typeof value === "number") return message.int(3, value).int(20, 2);
  if ("float" in value) return message.float(2, value.float).int(20, 1);
  for (const item of value) message.int(8, item);
  return message.int(20, 7);
}

function tensorProto({ name, shape, type, data }: Initializer): Message {
  const message = new Message();
  for (const size of shape) message.int(1, size);
  message.int(2, DATA_TYPE[type]).string(8, name);
  if (data instanceof Uint8Array) return message.bytes(9, data);
  const { location, offset, byteLength } = data;
  const entries = { location, offset, length: byteLength };
  for (const [key, value] of Object.entries(entries)) {
    message.message(13, new Message().string(1, key).string(2, `${value}`));
  }
  return message.int(14, 1);
}

function valueInfoProto({ name, shape, type }: TensorInfo): Message {
  const dimensions = shape.map((size) =>
    typeof size === "number" && size >= 0
      ? new Message().int(1, size)
      : new Message().string(
        2,
        typeof size === "string" ? size : formatDimension(size),
      )
  );
  const tensor = new Message()
    .int(1, DATA_TYPE[type])
    .message(2, new Message().messages(1, dimensions));
  return new Message().string(1, name).message(
    2,
    new Message().message(1, tensor),
  );
}
