/**
 * Goldens of AdaCLIP, run as a detector does: the program, then the host.
 *
 * @module
 */
import { detectionGraph } from "../../../lib/detector/encode_detector.ts";
import type { ModelDirectory } from "../../../lib/methods/model_directory.ts";
import type { PromptIds } from "../../../lib/methods/prompts.ts";
import {
  type NamedNumbers,
  type Numbers,
  numbers,
} from "../../contract/numbers.ts";
import { runGraph, type RunGraphOptions } from "../../onnx/run_graph.ts";
import { runText } from "../prompted.ts";

/** How graphs are run. */
export type Running = Pick<RunGraphOptions, "fuse" | "precision">;

/** The same numbers for each of several images. */
function repeat({ shape, data }: Numbers, count: number): Numbers {
  const rows = Array.from({ length: count }, () => Array.from(data)).flat();
  return numbers([count, ...shape], rows);
}

/** What the model reads about a category, for each image: `ids` or `text`. */
export async function textFeeds(
  model: ModelDirectory,
  prompt: PromptIds,
  { count, ...running }: Running & { readonly count: number },
): Promise<NamedNumbers> {
  const n = model.architecture.clip.text.maxPositionEmbeddings;
  if (model.architecture.text !== null) {
    return { text: repeat(await runText(model, prompt, running), count) };
  }
  const ids = Array.from(prompt.ids, Number);
  return { ids: repeat(numbers([ids.length / n, n], ids), count) };
}

/** Outputs of the program for images [B, H, H, 3], and the host's scores. */
export async function runAdaClip(
  model: ModelDirectory,
  { rgb, prompt, smooth }: {
    readonly rgb: Numbers;
    readonly prompt: PromptIds;
    readonly smooth: number;
  },
  running: Running = {},
): Promise<NamedNumbers> {
  const { architecture, weights } = model;
  const count = rgb.shape[0]!;
  const textLength = Math.max(...prompt.endOfText) + 1;
  const graph = detectionGraph(architecture, { textLength, smooth });
  const text = await textFeeds(model, prompt, { count, ...running });
  const options = { feeds: { rgb, ...text }, weights, ...running };
  const outputs = await runGraph(graph, options);
  if (architecture.finish === null) return outputs;
  const arrays = Object.entries(outputs).map(([name, { data }]) =>
    [name, Float32Array.from(data)] as const
  );
  const made = architecture.finish(Object.fromEntries(arrays), count);
  const scores = Object.entries(made).map(([name, data]) =>
    [name, numbers([count], data)] as const
  );
  return { ...outputs, ...Object.fromEntries(scores) };
}
