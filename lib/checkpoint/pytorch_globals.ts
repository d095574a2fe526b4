/**
 * The few names that the pickle of a checkpoint may ask for, and what they
 * mean here. None of them is looked up anywhere else.
 *
 * @module
 */
import { cannotLoad } from "./cannot_load.ts";
import type { PickleNames } from "./pytorch_pickle.ts";
import {
  PickleClass,
  PickleFunction,
  PickleStorage,
  PickleTensor,
  type PickleValue,
  StorageType,
} from "./pytorch_values.ts";
import { quote } from "./quote.ts";
import { spanOf } from "./strides.ts";
import type { Dtype } from "./weights.ts";

/** More dimensions than PyTorch allows. */
const MAX_DIMENSIONS = 64;

const STORAGES: Readonly<Record<string, Dtype>> = {
  FloatStorage: "F32",
  HalfStorage: "F16",
  BFloat16Storage: "BF16",
  DoubleStorage: "F64",
  LongStorage: "I64",
  IntStorage: "I32",
  ShortStorage: "I16",
  CharStorage: "I8",
  ByteStorage: "U8",
  BoolStorage: "BOOL",
  ComplexFloatStorage: "C64",
};

/** Functions that give back their first argument. */
const AS_IT_IS = [
  "torch.Size",
  "torch.device",
  "torch.jit._pickle.build_boollist",
  "torch.jit._pickle.build_doublelist",
  "torch.jit._pickle.build_intlist",
  "torch.jit._pickle.build_tensorlist",
  "torch.jit._pickle.restore_type_tag",
];

function isSize(value: PickleValue | undefined): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isSizes(value: PickleValue | undefined): value is readonly number[] {
  return Array.isArray(value) && value.length <= MAX_DIMENSIONS &&
    value.every(isSize);
}

/** What the names of one file stand for. */
export class PytorchNames implements PickleNames {
  readonly #path: string;
  readonly #hasClasses: boolean;
  readonly #known: ReadonlyMap<string, PickleValue>;

  /**
   * @param path What errors call the file.
   * @param options.torchScript Whether classes of TorchScript are allowed.
   */
  constructor(path: string, options: { readonly torchScript: boolean }) {
    this.#path = path;
    this.#hasClasses = options.torchScript;
    const parameter = new PickleFunction((args) => this.#parameter(args));
    this.#known = new Map<string, PickleValue>([
      ["torch._utils._rebuild_parameter", parameter],
      ["torch._utils._rebuild_parameter_with_state", parameter],
      [
        "torch._utils._rebuild_tensor_v2",
        new PickleFunction((args) => this.#tensor(args)),
      ],
      [
        "collections.OrderedDict",
        new PickleFunction((args) => this.#orderedDict(args)),
      ],
      ...AS_IT_IS.map((name) => {
        return [name, new PickleFunction(([value = null]) => value)] as const;
      }),
      ...Object.entries(STORAGES).map(([name, dtype]) => {
        return [`torch.${name}`, new StorageType(dtype)] as const;
      }),
    ]);
  }

  /** Finds an allowed name. */
  find(module: string, name: string): PickleValue {
    const full = `${module}.${name}`;
    const known = this.#known.get(full);
    if (known !== undefined) return known;
    if (this.#hasClasses && /^__torch__(\.\w+)+$/.test(full)) {
      return new PickleClass();
    }
    cannotLoad(
      this.#path,
      `its pickle asks for ${quote(full)}, which is not part of a checkpoint`,
    );
  }

  /** Persistent ids name storages: ("storage", type, key, device, elements). */
  load(id: PickleValue): PickleValue {
    const [kind, type, key, , elements] = Array.isArray(id) ? id : [];
    if (
      kind !== "storage" || !(type instanceof StorageType) ||
      typeof key !== "string" || !isSize(elements)
    ) {
      this.#refuse("a storage");
    }
    return new PickleStorage({ dtype: type.dtype, key, elements });
  }

  #refuse(what: string): never {
    cannotLoad(this.#path, `its pickle describes ${what} in an unknown way`);
  }

  /** (storage, offset, shape, strides, requires_grad, hooks, metadata). */
  #tensor(args: readonly PickleValue[]): PickleTensor {
    const [storage, offset, shape, strides] = args;
    if (
      !(storage instanceof PickleStorage) || !isSize(offset) ||
      !isSizes(shape) || !isSizes(strides) || shape.length !== strides.length
    ) {
      this.#refuse("a tensor");
    }
    const span = spanOf(shape, strides);
    if (span > 0 && !(offset + span <= storage.elements)) {
      cannotLoad(
        this.#path,
        `a tensor of [${shape}] must lie within its storage of ` +
          `${storage.elements} elements: its last one is ${offset + span}`,
      );
    }
    return new PickleTensor(storage, { offset, shape, strides });
  }

  /** (tensor, requires_grad, hooks, and for some a state). */
  #parameter([tensor]: readonly PickleValue[]): PickleTensor {
    if (!(tensor instanceof PickleTensor)) this.#refuse("a parameter");
    return tensor;
  }

  /** (): all items follow, none are passed. */
  #orderedDict(
    args: readonly PickleValue[],
  ): Map<PickleValue, PickleValue> {
    if (args.length > 0) this.#refuse("an OrderedDict");
    return new Map();
  }
}
