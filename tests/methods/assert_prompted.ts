/**
 * Compares a golden of a method that reads many sentences with what the
 * graphs compute.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { ModelDirectory } from "../../lib/methods/model_directory.ts";
import {
  assertNumbers,
  type NamedNumbers,
  type Numbers,
  numbers,
} from "../contract/numbers.ts";
import type { PromptedGolden } from "../golden/prompted_clips/golden.ts";
import type { RunGraphOptions } from "../onnx/run_graph.ts";
import {
  expectedPrompted,
  expectedPromptIds,
  openPrompted,
  photographBytes,
  promptsOf,
  runDetection,
  runText,
} from "./prompted.ts";

/** Options of {@linkcode assertAsSpecified}. */
export interface AsSpecifiedOptions {
  /** The published map divided by this is M: a sum over taps by their number. */
  readonly divisor: number;
  /** How the graphs are run. */
  readonly running?: Pick<RunGraphOptions, "fuse" | "precision">;
  /** @default {1e-5} */
  readonly tolerance?: number;
}

/** Asserts that a model tokenises its sentences as the specification does. */
export async function assertSameIds(
  model: ModelDirectory,
  golden: PromptedGolden,
  category: string,
): Promise<void> {
  const { ids } = promptsOf(model, category);
  const expected = await expectedPromptIds(golden, category);
  const [count, length] = expected.shape as [number, number];
  const n = model.architecture.clip.text.maxPositionEmbeddings;
  assert.equal(ids.length, count * n);
  const read = Array.from(ids, Number).filter((_, i) => i % n < length);
  assert.deepEqual(read, Array.from(expected.data));
}

function sigmoids({ shape, data }: Numbers): Numbers {
  return numbers(shape, Array.from(data, (x) => 1 / (1 + Math.exp(-x))));
}

/** Compares maps and scores, and both once more from their logits. */
export function assertDetected(
  found: NamedNumbers,
  { map, score }: { readonly map: Numbers; readonly score: Numbers },
  tolerance: number,
): void {
  const compare = (label: string, actual: Numbers, expected: Numbers) =>
    assertNumbers(actual, expected, { tolerance, label });
  compare("map", found.map!, map);
  compare("score", found.score!, score);
  compare("logit_map", sigmoids(found.logit_map!), map);
  compare("score_logit", sigmoids(found.score_logit!), score);
}

/** Asserts that ids, text features, maps and scores are as expected. */
export async function assertAsSpecified(
  golden: PromptedGolden,
  category: string,
  { divisor, running, tolerance = 1e-5 }: AsSpecifiedOptions,
): Promise<void> {
  await using opened = await openPrompted(golden);
  const { model } = opened;
  await assertSameIds(model, golden, category);
  const names = ["text", "map", "score"];
  const expected = await expectedPrompted(golden, category, names);
  const text = await runText(model, promptsOf(model, category), running);
  assertNumbers(text, expected.text!, { tolerance, label: "text" });
  const rgb = await photographBytes(golden.side);
  const inputs = { rgb, text, smooth: 0 };
  const found = await runDetection(model, inputs, running);
  const { shape, data } = expected.map!;
  const map = numbers(shape, Array.from(data, (x) => x / divisor));
  assertDetected(found, { map, score: expected.score! }, tolerance);
}
