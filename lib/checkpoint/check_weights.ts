/**
 * Compares the tensors of a checkpoint with those a model needs.
 *
 * @module
 */
import { cannotLoad } from "./cannot_load.ts";
import { isFloatDtype } from "./float_types.ts";
import type { WeightEntry, Weights } from "./weights.ts";

/** Name -> shape of every tensor a model needs. */
export type Shapes = ReadonlyMap<string, readonly number[]>;

/** Options of {@linkcode checkWeights}. */
export interface CheckWeightsOptions {
  /**
   * Names that may be present although the model has no use for them. Any
   * other tensor is an error.
   *
   * @default {[]}
   */
  readonly optional?: readonly RegExp[];
}

/** A list in a message is cut after this many items. */
const LISTED = 20;
const FOREIGN_LISTED = 5;

function list(items: readonly string[], limit: number): string {
  const rest = items.length - limit;
  const shown = items.slice(0, limit).join(", ");
  return rest > 0 ? `${shown} and ${rest} more` : shown;
}

/** Kind, names and how many of them to list -> one clause; "" if no names. */
function summarise(
  findings: readonly (readonly [string, readonly string[], number])[],
): string {
  return findings.filter(([, names]) => names.length > 0).map((
    [kind, names, limit],
  ) => {
    const subject = names.length === 1 ? "tensor is" : "tensors are";
    return `${names.length} ${subject} ${kind} (${list(names, limit)})`;
  }).join(", ");
}

function equal(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i]);
}

function problemOf(
  entry: WeightEntry,
  shape: readonly number[],
): string | undefined {
  const stored = entry.transposed ? shape.toReversed() : shape;
  if (!equal(entry.shape, stored)) {
    return `must be [${stored.join(", ")}], is [${entry.shape.join(", ")}]`;
  }
  return isFloatDtype(entry.dtype)
    ? undefined
    : `must be F32, F16 or BF16, is ${entry.dtype}`;
}

/**
 * Checks that every tensor a model needs is there with its shape and a float
 * type, and that there are no other tensors.
 *
 * @param weights Tensors under the names the model uses.
 * @param shapes What the model needs.
 * @returns Exactly the needed tensors, in the order of `shapes`.
 * @throws {ModelError} If tensors are missing, wrong or unknown. One message
 * lists them all.
 */
export function checkWeights(
  weights: Weights,
  shapes: Shapes,
  options: CheckWeightsOptions = {},
): Map<string, WeightEntry> {
  const { optional = [] } = options;
  const found = new Map<string, WeightEntry>();
  const missing: string[] = [];
  const odd: string[] = [];
  for (const [name, shape] of shapes) {
    const entry = weights.tensors.get(name);
    if (entry === undefined) {
      missing.push(name);
      continue;
    }
    const reason = problemOf(entry, shape);
    if (reason === undefined) found.set(name, entry);
    else odd.push(`${name} ${reason}`);
  }
  const foreign = [...weights.tensors.keys()].filter((name) =>
    !shapes.has(name) && !optional.some((pattern) => pattern.test(name))
  );
  const message = summarise([
    ["missing", missing, LISTED],
    ["of another shape or type", odd, LISTED],
    ["foreign", foreign, FOREIGN_LISTED],
  ]);
  if (message !== "") cannotLoad(weights.path, message);
  return found;
}
