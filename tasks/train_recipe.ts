/**
 * `train --recipe`: trains a model from random weights, in stages.
 *
 * @module
 */
import { dirname } from "node:path";
import { readRecipe } from "../lib/pretraining/recipe.ts";
import { pretrain } from "../lib/pretraining/pretrain.ts";
import { EXIT } from "./cli/exit.ts";
import { type Progress, showProgress } from "./cli/progress.ts";

/** The flags of `train` that apply to a recipe. */
export interface RecipeFlags {
  /** The recipe file. */
  readonly recipe: string;
  /** Where stages and model are written. */
  readonly out: string;
  /** Whether to resume an interrupted run. */
  readonly resume: boolean;
  /** Threads within one operator; 0 for one per core. */
  readonly threads: number;
  /** Whether to print a summary as JSON. */
  readonly json: boolean;
}

/**
 * Trains the model of a recipe.
 *
 * @returns The exit code.
 * @throws {ModelError} If the recipe or the folder cannot be used.
 */
export async function runRecipe(
  { recipe: path, out, resume, threads, json }: RecipeFlags,
  signal: AbortSignal,
): Promise<number> {
  const recipe = await readRecipe(path);
  let progress: Progress | undefined;
  const model = await pretrain({ recipe, source: dirname(path), out }, {
    resume,
    threads,
    signal,
    onStage: ({ name, steps }) => {
      progress?.finish();
      progress = showProgress(name, steps);
    },
    onStep: () => progress?.advance(),
  }).finally(() => progress?.finish());
  const stages = recipe.stages.map(({ name, steps }) => ({ name, steps }));
  if (json) console.log(JSON.stringify({ recipe: path, out, stages, model }));
  else console.log(`Model: ${model}`);
  return EXIT.done;
}
