/**
 * Several models in one call of `eval`, each with a folder of its own.
 *
 * @module
 */
import { basename, join, resolve } from "node:path";
import { UsageError } from "../cli/usage_error.ts";

/** Flags that are about one model only. */
const OF_ONE_MODEL = ["profile", "threshold"] as const;

/** What decides on the folders of models. */
export interface ComparedModels
  extends Readonly<Partial<Record<typeof OF_ONE_MODEL[number], unknown>>> {
  /** Names or directories of the models. */
  readonly model: readonly string[];
  /** The folder of all results. */
  readonly out: string;
}

/** The folder's name: that of a downloaded model, or of its directory. */
function folderName(model: string): string {
  return basename(resolve(model));
}

/**
 * Finds the folder of results of each model.
 *
 * @returns Model -> folder, which is `out` itself for a single model.
 * @throws {UsageError} If a flag is about one model, or two would share a
 * folder.
 */
export function foldersOf(
  flags: ComparedModels,
): ReadonlyMap<string, string> {
  const { model: models, out } = flags;
  if (models.length === 1) return new Map([[models[0]!, out]]);
  const odd = OF_ONE_MODEL.find((name) => flags[name] !== undefined);
  if (odd !== undefined) {
    throw new UsageError(
      `Cannot compare models as --${odd} must stand beside one --model, whose scores it is about: current value is ${
        models.join(", ")
      }`,
    );
  }
  const names = models.map(folderName);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) {
    throw new UsageError(
      `Cannot compare models as their last names, which name folders of --out, must differ: current value is "${twice}" twice`,
    );
  }
  return new Map(models.map((model, i) => [model, join(out, names[i]!)]));
}
