/**
 * Evaluations between steps, of the model as it lies on disk.
 *
 * @module
 */
import type { DataSet } from "../data/sample.ts";
import { Detector, type DetectorOptions } from "../detector/detector.ts";
import { evaluate, type EvaluateOptions } from "../evaluation/evaluate.ts";
import { meanOf } from "../results/summary.ts";
import type { EvalFigures } from "./trainer_options.ts";

/** Options of {@linkcode evaluateModel}. */
export interface EvaluateModelOptions extends
  Pick<
    DetectorOptions,
    "provider" | "threads" | "prompts" | "cacheFolder" | "onWarning"
  >,
  Pick<EvaluateOptions, "batchSize" | "signal" | "onImage"> {}

/**
 * Evaluates a model directory.
 *
 * @returns Means over the categories of the data set.
 * @throws {ModelError} If the model cannot be used.
 */
export async function evaluateModel(
  directory: string,
  dataSet: DataSet,
  options: EvaluateModelOptions,
): Promise<EvalFigures> {
  const start = performance.now();
  const { categories } = dataSet;
  await using detector = await Detector.open(directory, {
    ...options,
    categories,
  });
  const found = await evaluate(detector, dataSet, options);
  const { mean, counted } = meanOf(found.categories);
  return {
    images: found.rows.length,
    errors: found.rows.filter(({ error }) => error !== null).length,
    mean,
    counted,
    seconds: (performance.now() - start) / 1000,
  };
}
