/**
 * Evaluates a model that training has written to disk.
 *
 * @module
 */
import type { DataSet } from "../data/sample.ts";
import { Detector, type DetectorOptions } from "../detector/detector.ts";
import { evaluate, type EvaluateOptions } from "../evaluation/evaluate.ts";
import { meanOf } from "../results/summary.ts";
import type { EvalResult } from "./trainer_options.ts";

/** Options of {@linkcode evaluateModel}. */
export interface EvaluateModelOptions {
  /** How the detector runs. */
  readonly detector: Omit<DetectorOptions, "categories">;
  /** How it is evaluated. */
  readonly evaluation: EvaluateOptions;
}

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
): Promise<EvalResult> {
  const start = performance.now();
  await using detector = await Detector.open(directory, {
    ...options.detector,
    categories: dataSet.categories,
  });
  const { rows, categories } = await evaluate(
    detector,
    dataSet,
    options.evaluation,
  );
  const { mean, counted } = meanOf(categories);
  return {
    images: rows.length,
    errors: rows.filter(({ error }) => error !== null).length,
    mean,
    counted,
    seconds: (performance.now() - start) / 1000,
  };
}
