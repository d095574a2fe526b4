/**
 * What the specification trains AnomalyCLIP to, and the batch that it does so
 * with.
 *
 * @module
 */
import type { ModelDirectory } from "../../../lib/methods/model_directory.ts";
import {
  type NamedNumbers,
  type Numbers,
  numbers,
} from "../../contract/numbers.ts";
import {
  promptedExpected,
  type PromptedGolden,
} from "../../golden/prompted_clips/golden.ts";
import { readNumbers } from "../mfp_clip/goldens.ts";
import { promptsOf } from "../prompted.ts";

/** Labels of the three photographs. */
export const LABELS: readonly number[] = [1, 0, 1];

/** How many positions the text tower reads, and the ids of three images. */
export function trainingIds(
  model: ModelDirectory,
): { readonly textLength: number; readonly ids: Numbers } {
  const { ids, endOfText } = promptsOf(model, "metal_nut");
  const one = Array.from(ids, Number);
  const rows = Array(LABELS.length).fill(one).flat();
  const n = model.architecture.clip.text.maxPositionEmbeddings;
  return {
    textLength: Math.max(...endOfText) + 1,
    ids: numbers([LABELS.length, 2, n], rows),
  };
}

/** The tensors that a loss depends on: not those of blocks CLIP does not have. */
export function trainedNames({ architecture }: ModelDirectory): string[] {
  const { headShapes, clip: { text } } = architecture;
  return [...headShapes].filter(([name, shape]) => {
    const block = Number(/^deep\.(\d+)$/.exec(name)?.[1] ?? 0);
    return block < text.numHiddenLayers && !shape.includes(0);
  }).map(([name]) => name);
}

/** Losses and mask, and the tensors of the head under a prefix. */
export function expectedTraining(
  golden: PromptedGolden,
  prefix: "grad" | "after",
  names: readonly string[],
): Promise<NamedNumbers> {
  const path = promptedExpected(golden, "training");
  const tensors = names.map((name) => `${prefix}.${name}`);
  return readNumbers(path, ["losses", "mask", ...tensors]);
}
