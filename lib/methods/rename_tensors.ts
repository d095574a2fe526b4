/**
 * New names for the tensors of a published head.
 *
 * @module
 */
import { cannotLoad } from "../checkpoint/cannot_load.ts";
import { quote } from "../checkpoint/quote.ts";
import type { WeightEntry, Weights } from "../checkpoint/weights.ts";

/**
 * Gives tensors other names.
 *
 * @param rename The new name of a tensor with what it is; undefined leaves it
 * out.
 * @throws {ModelError} If two tensors would have the same name.
 */
export function renameTensors(
  { path, tensors }: Weights,
  rename: (
    name: string,
    entry: WeightEntry,
  ) => readonly [name: string, entry: WeightEntry] | undefined,
): Weights {
  const renamed = new Map<string, WeightEntry>();
  const sources = new Map<string, string>();
  for (const [source, stored] of tensors) {
    const found = rename(source, stored);
    if (found === undefined) continue;
    const [name, entry] = found;
    const other = sources.get(name);
    if (other !== undefined) {
      cannotLoad(
        path,
        `two tensors in it are ${quote(name)}: ${quote(other)} and ${
          quote(source)
        }`,
      );
    }
    sources.set(name, source);
    renamed.set(name, entry);
  }
  return { path, tensors: renamed };
}
