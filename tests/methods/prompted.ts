/**
 * Goldens of methods that read many sentences, opened and run.
 *
 * @module
 */
import { openSafetensors } from "../../lib/checkpoint/safetensors.ts";
import { detectionGraph } from "../../lib/detector/encode_detector.ts";
import { GraphBuilder } from "../../lib/graph/builder.ts";
import {
  type ModelDirectory,
  openModelDirectory,
} from "../../lib/methods/model_directory.ts";
import {
  type PromptIds,
  promptIds,
  promptOptions,
} from "../../lib/methods/prompts.ts";
import {
  type NamedNumbers,
  type Numbers,
  numbers,
} from "../contract/numbers.ts";
import {
  promptedExpected,
  type PromptedGolden,
  promptedModel,
} from "../golden/prompted_clips/golden.ts";
import { runGraph, type RunGraphOptions } from "../onnx/run_graph.ts";
import { readNumbers } from "./mfp_clip/goldens.ts";

/** An opened golden that removes its files at the end of its scope. */
export interface OpenedPrompted extends AsyncDisposable {
  readonly model: ModelDirectory;
}

/** Opens a golden. */
export async function openPrompted(
  golden: PromptedGolden,
): Promise<OpenedPrompted> {
  const folder = await promptedModel(golden);
  const model = await openModelDirectory(folder.path);
  return { model, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

/** The photographs at a side, as bytes [3, H, H, 3]. */
export async function photographBytes(side: number): Promise<Numbers> {
  const path =
    `${import.meta.dirname}/../golden/mfp_clip/rgb/${side}.safetensors`;
  const { data } = (await readNumbers(path, ["rgb"])).rgb!; // [3, 3, H, H]
  const plane = side * side;
  const bytes = Array.from({ length: 3 * plane * 3 }, (_, i) => {
    const [image, rest] = [Math.floor(i / (3 * plane)), i % (3 * plane)];
    const [pixel, channel] = [Math.floor(rest / 3), rest % 3];
    return Math.round(data[(image * 3 + channel) * plane + pixel]! * 255);
  });
  return numbers([3, side, side, 3], bytes);
}

/** Images [B, H, H, 3], mirrored from left to right. */
export function mirrored({ shape, data }: Numbers): Numbers {
  const side = shape[2]!;
  return numbers(
    shape,
    Array.from({ length: data.length }, (_, i) => {
      const [pixel, channel] = [Math.floor(i / 3), i % 3];
      const [row, column] = [Math.floor(pixel / side), pixel % side];
      return data[(row * side + side - 1 - column) * 3 + channel]!;
    }),
  );
}

/** Float tensors that the specification gives for a category. */
export function expectedPrompted(
  golden: PromptedGolden,
  category: string,
  names: readonly string[],
): Promise<NamedNumbers> {
  return readNumbers(promptedExpected(golden, category), names);
}

/** The ids that the specification read [N, L]. */
export function expectedPromptIds(
  golden: PromptedGolden,
  category: string,
): Promise<Numbers> {
  return expectedIntegers(golden, category, "ids");
}

/** A tensor of whole numbers that the specification gives. */
export async function expectedIntegers(
  golden: PromptedGolden,
  category: string,
  name: string,
): Promise<Numbers> {
  const path = promptedExpected(golden, category);
  const entry = (await openSafetensors(path)).tensors.get(name)!;
  const bytes = await Deno.readFile(path);
  const end = entry.offset + entry.byteLength;
  const ids = new Int16Array(bytes.slice(entry.offset, end).buffer);
  return numbers(entry.shape, ids);
}

/** The prompts of a category. */
export function promptsOf(
  { tokenizer, architecture }: ModelDirectory,
  category: string,
): PromptIds {
  return promptIds(tokenizer, category, promptOptions(architecture));
}

type Running = Pick<RunGraphOptions, "fuse" | "precision">;

/** Text features of a category [2, Dt]. */
export async function runText(
  { architecture, weights }: ModelDirectory,
  { ids, perState, endOfText }: PromptIds,
  running: Running = {},
): Promise<Numbers> {
  const g = new GraphBuilder();
  const n = architecture.clip.text.maxPositionEmbeddings;
  const shape = [ids.length / n, n];
  const length = Math.max(...endOfText) + 1;
  const input = g.input("ids", shape, "int");
  const text = architecture.text!.features(g, input, { perState, length });
  const graph = g.build({ text: g.cast(text, "wide") });
  const feeds = { ids: numbers(shape, Array.from(ids, Number)) };
  return (await runGraph(graph, { feeds, weights, ...running })).text!;
}

/** Maps and scores of images [B, H, H, 3] of one category. */
export async function runDetection(
  { architecture, weights }: ModelDirectory,
  { rgb, text, smooth = architecture.smooth }: {
    rgb: Numbers;
    text: Numbers;
    smooth?: number;
  },
  running: Running = {},
): Promise<NamedNumbers> {
  const graph = detectionGraph(architecture, { textLength: 1, smooth });
  const rows = Array.from(
    { length: rgb.shape[0]! },
    () => Array.from(text.data),
  );
  const repeated = numbers([rows.length, ...text.shape], rows.flat());
  const feeds = { rgb, text: repeated };
  return await runGraph(graph, { feeds, weights, ...running });
}
