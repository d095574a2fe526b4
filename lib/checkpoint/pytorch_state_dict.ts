/**
 * Finds the named tensors in what a PyTorch checkpoint holds.
 *
 * @module
 */
import { cannotLoad } from "./cannot_load.ts";
import {
  PickleRecord,
  PickleTensor,
  type PickleValue,
} from "./pytorch_values.ts";
import { quote } from "./quote.ts";

/** Where training scripts keep the state dict, in the order of preference. */
const KEYS = ["state_dict", "model_state_dict", "model"];

/** What wrappers such as DataParallel put before every name. */
const WRAPPERS = ["module.", "_orig_mod."];

/** Modules within modules within modules; no network is nested as deeply. */
const MAX_DEPTH = 64;

/** More tensors and modules than any network has. */
const MAX_VISITS = 200_000;

/** A name is a path of a few words. */
const MAX_NAME = 1000;

type Tensors = Map<string, PickleTensor>;
type Dict = ReadonlyMap<PickleValue, PickleValue>;

/** The entries of a dict, or fields of a module, that have a name. */
function* named(
  dict: Dict,
  path: string,
): Generator<readonly [string, PickleValue]> {
  for (const [name, value] of dict) {
    if (typeof name !== "string") continue;
    if (name.length > MAX_NAME) {
      cannotLoad(path, `a name in it has ${name.length} characters`);
    }
    yield [name, value];
  }
}

/** The state dict itself, or the one that a checkpoint keeps beside others. */
function stateDict(dict: Dict, path: string, depth = 0): Tensors {
  for (const key of KEYS) {
    const inner = dict.get(key);
    if (!(inner instanceof Map) || depth === KEYS.length) continue;
    const tensors = stateDict(inner, path, depth + 1);
    if (tensors.size > 0) return tensors;
  }
  const own = tensorsOf(dict, path);
  const inner = dictsOf(dict, path);
  if (own.size === 0 && inner.size > 1) {
    const names = [...inner.keys()].map(quote).join(", ");
    cannotLoad(path, `it must hold one state dict: there are ${names}`);
  }
  const [only] = inner.size === 1 ? inner.values() : [];
  return only !== undefined && only.size > own.size ? only : own;
}

function tensorsOf(dict: Dict, path: string): Tensors {
  const tensors: Tensors = new Map();
  for (const [name, value] of named(dict, path)) {
    if (value instanceof PickleTensor) tensors.set(name, value);
  }
  return tensors;
}

/** The dicts in a dict that hold tensors. */
function dictsOf(dict: Dict, path: string): Map<string, Tensors> {
  const found = [...named(dict, path)].flatMap(([name, value]) => {
    const tensors = value instanceof Map ? tensorsOf(value, path) : new Map();
    return tensors.size > 0 ? [[name, tensors] as const] : [];
  });
  return new Map(found);
}

/** The tensors among the fields of a module and of the modules in it. */
function tensorsOfModule(root: PickleRecord, path: string): Tensors {
  const tensors: Tensors = new Map();
  let visits = 0;
  const visit = (module: PickleRecord, prefix: readonly string[]) => {
    for (const [field, value] of named(module.fields, path)) {
      if (++visits > MAX_VISITS || prefix.length > MAX_DEPTH) {
        cannotLoad(path, "its modules are nested too deeply or too often");
      }
      const names = [...prefix, field];
      if (value instanceof PickleTensor) tensors.set(names.join("."), value);
      if (value instanceof PickleRecord) visit(value, names);
    }
  };
  visit(root, []);
  return tensors;
}

/** Leaves out what all names begin with because the network was wrapped. */
function unwrap(tensors: Tensors): Tensors {
  let unwrapped = tensors;
  for (;;) {
    const names = [...unwrapped.keys()];
    const wrapper = WRAPPERS.find((prefix) =>
      names.every((name) => name.startsWith(prefix))
    );
    if (wrapper === undefined || names.length === 0) return unwrapped;
    unwrapped = new Map(
      [...unwrapped].map(([name, tensor]) => [
        name.slice(wrapper.length),
        tensor,
      ]),
    );
  }
}

/**
 * Finds the named tensors of a checkpoint: those of a state dict, also where
 * it is kept beside other things as `state_dict`, `model_state_dict` or `model`,
 * or as the only dict with more tensors than lie beside it, or the parameters and buffers of a
 * TorchScript module. `module.` and `_orig_mod.`, where all names begin so, are
 * left out.
 *
 * @param path What errors call the file.
 * @throws {ModelError} If there are no named tensors.
 */
export function namedTensors(root: PickleValue, path: string): Tensors {
  const tensors = root instanceof PickleRecord
    ? tensorsOfModule(root, path)
    : root instanceof Map
    ? stateDict(root, path)
    : new Map<string, PickleTensor>();
  if (tensors.size === 0) {
    cannotLoad(path, "it must hold a state dict, with tensors by name");
  }
  return unwrap(tensors);
}
