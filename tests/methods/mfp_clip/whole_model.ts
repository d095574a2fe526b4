/**
 * The whole model of a golden, run and compared.
 *
 * @module
 */
import type { ModelDirectory } from "../../../lib/methods/model_directory.ts";
import {
  assertNumbers,
  type NamedNumbers,
  type Numbers,
} from "../../contract/numbers.ts";
import { runGraph, type RunGraphOptions } from "../../onnx/run_graph.ts";
import { idsFor, wholeModel } from "./goldens.ts";

/** Largest errors found are 4e-6 in maps and 2.3e-5 in logits. */
const TOLERANCES: Readonly<Record<string, number>> = {
  cnn: 5e-6,
  text: 2e-6,
  coarse: 1e-5,
  map: 1e-5,
  score: 1e-5,
  logit_map: 5e-5,
  score_logit: 5e-5,
};

/** Compares every output with the specification. */
export function assertAsExpected(
  actual: NamedNumbers,
  expected: NamedNumbers,
  label: string,
): void {
  for (const [name, tolerance] of Object.entries(TOLERANCES)) {
    assertNumbers(actual[name], expected[name]!, {
      tolerance,
      label: `${label}: ${name}`,
    });
  }
}

/** Runs the whole model on one image for each category. */
export async function runModel(
  { model, rgb, categories }: {
    model: ModelDirectory;
    rgb: Numbers;
    categories: readonly string[];
  },
  options: Parameters<typeof wholeModel>[1] = {},
  running: Pick<RunGraphOptions, "fuse" | "precision"> = {},
): Promise<NamedNumbers> {
  const { ids } = idsFor(model, categories);
  const { weights } = model;
  const graph = wholeModel(model, options);
  return await runGraph(graph, { feeds: { rgb, ids }, weights, ...running });
}
