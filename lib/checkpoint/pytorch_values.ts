/**
 * What the pickle of a checkpoint can hold.
 *
 * @module
 */
import type { Dtype } from "./weights.ts";

/** Any value of a pickle; lists and tuples are both arrays. */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly PickleValue[]
  | Map<PickleValue, PickleValue>
  | PickleFunction
  | PickleClass
  | PickleRecord
  | StorageType
  | PickleStorage
  | PickleTensor;

/** A function that a pickle may call: one of the few that build tensors. */
export class PickleFunction {
  /** Makes the value out of what the pickle passes. */
  readonly call: (args: readonly PickleValue[]) => PickleValue;

  constructor(call: (args: readonly PickleValue[]) => PickleValue) {
    this.call = call;
  }
}

/** A class of a TorchScript archive; only its instances' fields are read. */
export class PickleClass {}

/** An instance of a {@linkcode PickleClass}. */
export class PickleRecord {
  /** Fields by name; never run, never looked up on a prototype. */
  fields: ReadonlyMap<PickleValue, PickleValue> = new Map();
}

/** A class such as torch.FloatStorage. */
export class StorageType {
  /** Type of the elements. */
  readonly dtype: Dtype;

  constructor(dtype: Dtype) {
    this.dtype = dtype;
  }
}

/** The bytes that tensors share: one entry of the archive. */
export class PickleStorage {
  /** Type of the elements. */
  readonly dtype: Dtype;
  /** Name of the entry below data/. */
  readonly key: string;
  /** Number of elements. */
  readonly elements: number;

  constructor(
    options: { dtype: Dtype; key: string; elements: number },
  ) {
    this.dtype = options.dtype;
    this.key = options.key;
    this.elements = options.elements;
  }
}

/** A view of a storage. */
export class PickleTensor {
  /** Where the elements are. */
  readonly storage: PickleStorage;
  /** The first element. */
  readonly offset: number;
  /** Sizes. */
  readonly shape: readonly number[];
  /** Elements between neighbours along each dimension. */
  readonly strides: readonly number[];

  constructor(
    storage: PickleStorage,
    view: {
      offset: number;
      shape: readonly number[];
      strides: readonly number[];
    },
  ) {
    this.storage = storage;
    this.offset = view.offset;
    this.shape = view.shape;
    this.strides = view.strides;
  }
}
