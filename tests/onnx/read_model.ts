/**
 * Reads the bytes of a ModelProto back, as far as tests look into it.
 *
 * @module
 */

/** One field of a protocol buffer message. */
export interface Field {
  /** Its number. */
  readonly field: number;
  /** Its wire type: 0 for a varint, 2 for bytes, 5 for four bytes. */
  readonly wireType: number;
  /** A varint as an unsigned number, or bytes. */
  readonly value: bigint | Uint8Array;
}

/** The fields of a message, in order. */
export function readFields(bytes: Uint8Array): Field[] {
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n;; shift += 7n) {
      const byte = bytes[at++]!;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const take = (length: number) => bytes.subarray(at, at += length);
  const fields: Field[] = [];
  while (at < bytes.length) {
    const key = Number(varint());
    const wireType = key & 7;
    const value = wireType === 0
      ? varint()
      : take(wireType === 2 ? Number(varint()) : 4);
    fields.push({ field: key >> 3, wireType, value });
  }
  return fields;
}

/** The values of one repeated field that holds bytes. */
export function bytesOf(message: Uint8Array, field: number): Uint8Array[] {
  return readFields(message).flatMap((entry) =>
    entry.field === field && entry.value instanceof Uint8Array
      ? [entry.value]
      : []
  );
}

/** The values of one repeated field that holds strings. */
export function stringsOf(message: Uint8Array, field: number): string[] {
  return bytesOf(message, field).map((bytes) =>
    new TextDecoder().decode(bytes)
  );
}

const MODEL_GRAPH = 7;
const MODEL_OPERATOR_SET = 8;
const MODEL_METADATA = 14;
const GRAPH_NODE = 1;
const NODE_TYPE = 4;
const NODE_DOMAIN = 7;

/** The operators of a model as NodeProto messages, in order. */
export function operators(model: Uint8Array): Uint8Array[] {
  const [graph] = bytesOf(model, MODEL_GRAPH);
  return bytesOf(graph!, GRAPH_NODE);
}

/** The types of a model's operators, in order. */
export function operatorTypes(model: Uint8Array): string[] {
  return operators(model).flatMap((node) => stringsOf(node, NODE_TYPE));
}

/** The domains of a model's operators, without the one of ONNX itself. */
export function operatorDomains(model: Uint8Array): string[] {
  const domains = operators(model).flatMap((node) =>
    stringsOf(node, NODE_DOMAIN)
  );
  return [...new Set(domains)];
}

/** The operator sets that a model says it needs. */
export function operatorSets(model: Uint8Array): string[] {
  return bytesOf(model, MODEL_OPERATOR_SET).flatMap((set) => stringsOf(set, 1));
}

/** What a model says about itself. */
export function metadataOf(model: Uint8Array): Record<string, string> {
  return Object.fromEntries(
    bytesOf(model, MODEL_METADATA).map((entry) =>
      [1, 2].map((field) => stringsOf(entry, field)[0]!)
    ),
  );
}
