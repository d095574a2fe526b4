/**
 * Golden models, opened and run.
 *
 * @module
 */
import {
  openSafetensors,
  readTensor,
} from "../../../lib/checkpoint/safetensors.ts";
import type { WeightEntry } from "../../../lib/checkpoint/weights.ts";
import { GraphBuilder } from "../../../lib/graph/builder.ts";
import type { Graph } from "../../../lib/graph/graph.ts";
import { channel } from "../../../lib/methods/anomaly_map.ts";
import { floatImages, promptIdsInput } from "../../../lib/methods/inputs.ts";
import { mfpClipSizes } from "../../../lib/methods/mfp_clip/architecture.ts";
import {
  mfpClip,
  type MfpClipOptions,
  type ModelSizes,
} from "../../../lib/methods/mfp_clip/model.ts";
import {
  type ModelDirectory,
  openModelDirectory,
} from "../../../lib/methods/model_directory.ts";
import { promptIds, promptOptions } from "../../../lib/methods/prompts.ts";
import {
  type Golden,
  goldenExpected,
  goldenModel,
  goldenRgb,
  GOLDENS,
} from "../../golden/mfp_clip/golden.ts";
import {
  type NamedNumbers,
  type Numbers,
  numbers,
} from "../../contract/numbers.ts";

/** The golden of a name. */
export function goldenNamed(name: string): Golden {
  const golden = GOLDENS.find((golden) => golden.name === name);
  if (golden === undefined) throw new RangeError(`No golden is named ${name}`);
  return golden;
}

/** Float tensors of a safetensors file. */
export async function readNumbers(
  path: string,
  names: readonly string[],
): Promise<NamedNumbers> {
  const file = await openSafetensors(path);
  const tensors = names.map(async (name) => {
    const shape = file.tensors.get(name)?.shape ?? [];
    return [name, numbers(shape, await readTensor(file, name))] as const;
  });
  return Object.fromEntries(await Promise.all(tensors));
}

/** What the specification gives for a golden and a category. */
export function expectedOf(
  golden: Golden,
  category: string,
): Promise<NamedNumbers> {
  return readNumbers(goldenExpected(golden, category), [
    "cnn",
    "text",
    "coarse",
    "map",
    "score",
    "logit_map",
    "score_logit",
  ]);
}

/** The photographs at a golden's size: [3, 3, H, H] in [0, 1]. */
export async function rgbOf(golden: Golden): Promise<Numbers> {
  return (await readNumbers(goldenRgb(golden), ["rgb"])).rgb!;
}

/** An opened golden that removes its files at the end of its scope. */
export interface OpenedGolden extends AsyncDisposable {
  readonly model: ModelDirectory;
  readonly weights: ReadonlyMap<string, WeightEntry>;
}

/** Opens a golden. */
export async function openGolden(golden: Golden): Promise<OpenedGolden> {
  const folder = await goldenModel(golden);
  const model = await openModelDirectory(folder.path);
  return {
    model,
    weights: model.weights,
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

/** Prompts of one category for each image: [B, 2, n], and their longest end. */
export function idsFor(
  { tokenizer, architecture }: ModelDirectory,
  categories: readonly string[],
): { ids: Numbers; longestEnd: number } {
  const prompts = categories.map((category) =>
    promptIds(tokenizer, category, promptOptions(architecture))
  );
  const n = architecture.clip.text.maxPositionEmbeddings;
  return {
    ids: numbers(
      [categories.length, 2, n],
      prompts.flatMap(({ ids }) => Array.from(ids, Number)),
    ),
    longestEnd: Math.max(...prompts.flatMap(({ endOfText }) => endOfText)),
  };
}

/** The whole model over `rgb` [B, 3, H, H] and `ids` [B, 2, n]. */
export function wholeModel(
  model: ModelDirectory,
  options: Partial<Omit<MfpClipOptions, keyof ModelSizes>> = {},
): Graph {
  const sizes = mfpClipSizes(model);
  const g = new GraphBuilder();
  const rgb = floatImages(g, sizes.config.imageSize);
  const ids = promptIdsInput(g, sizes.clip);
  const { cnn, text, coarse, refined: _refined, taps: _taps, ...seen } =
    mfpClip(
      g,
      { rgb, ids },
      { ...sizes, ...options },
    );
  const wide = { cnn: g.cast(cnn, "wide"), text: g.cast(text, "wide") };
  return g.build({ ...wide, coarse: channel(g, coarse, 1), ...seen });
}
