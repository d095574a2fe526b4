/**
 * Heads as the authors of AnomalyCLIP publish them: epoch_15.pth.
 *
 * @module
 */
import { cannotLoad } from "../../checkpoint/cannot_load.ts";
import { readIntegers, readWeight } from "../../checkpoint/safetensors.ts";
import { rowsOf } from "../../checkpoint/strides.ts";
import type { WeightEntry, Weights } from "../../checkpoint/weights.ts";
import { renameTensors } from "../rename_tensors.ts";
import { deepName } from "./head.ts";

/** Published name -> name here. One sentence a state is [1, 1, E, Dw]. */
const CONTEXTS: Readonly<Record<string, string>> = {
  ctx_pos: "prompt.normal",
  ctx_neg: "prompt.abnormal",
};

/** The tokens that enter text block I + 1, counted from 0. */
const DEEP = /^compound_prompts_text\.(\d+)$/;

/** Stored beside the head: no use, or only to tell the CLIP. */
const UNUSED =
  /^(compound_prompt_projections\.\d+\.(weight|bias)|(token_(prefix|suffix)|tokenized_prompts)_(pos|neg))$/;

/** Leaves out the axes for classes and sentences, of which there is one. */
function withoutSingles(
  path: string,
  name: string,
  entry: WeightEntry,
): WeightEntry {
  const { shape, strides } = entry;
  if (shape.length === 4 && shape[0] === 1 && shape[1] === 1) {
    const own = { ...entry, shape: shape.slice(2) };
    return strides === undefined ? own : { ...own, strides: strides.slice(2) };
  }
  cannotLoad(
    path,
    `${name} must hold one prompt of one class, [1, 1, E, Dw]: current shape ` +
      `is [${shape.join(", ")}]`,
  );
}

/**
 * Gives the learned tokens their names here, and leaves out what is not used.
 *
 * @throws {ModelError} If there is more than one sentence for a state, or two
 * tensors for the same tokens.
 */
export function renamePublished(weights: Weights): Weights {
  return renameTensors(weights, (name, entry) => {
    const deep = DEEP.exec(name)?.[1];
    const context = CONTEXTS[name];
    if (context !== undefined) {
      return [context, withoutSingles(weights.path, name, entry)];
    }
    if (deep !== undefined) return [deepName(Number(deep) + 1), entry];
    // Any other one is foreign, and will be named so.
    return UNUSED.test(name) ? undefined : [name, entry];
  });
}

const EMBEDDINGS = "text_model.embeddings.token_embedding.weight";

/** Embeddings of the same words differ at most by rounding. */
const TOLERANCE = 1e-6;

/** Ids of the sentence of a state, and the embeddings beside learned tokens. */
async function fixedTokens(
  tensors: Weights["tensors"],
  state: "pos" | "neg",
): Promise<{ ids: number[]; rows: Float32Array } | undefined> {
  const [ids, first, rest] = [
    `tokenized_prompts_${state}`,
    `token_prefix_${state}`,
    `token_suffix_${state}`,
  ].map((name) => tensors.get(name));
  if (!ids || !first || !rest) return undefined;
  const all = await readIntegers(ids);
  const learned = all.length - first.shape.at(-2)! - rest.shape.at(-2)!;
  const rows = [await readWeight(first), await readWeight(rest)];
  return {
    ids: all.toSpliced(1, learned),
    rows: Float32Array.from(rows.flatMap((part) => [...part])),
  };
}

/** Rows of a table [R, D], one after another. */
async function readRows(
  table: WeightEntry,
  ids: readonly number[],
): Promise<Float32Array> {
  const [count] = table.shape as [number, number];
  const rows = new Map<number, Float32Array>();
  for (const id of new Set(ids)) {
    if (id < 0 || id >= count) continue;
    rows.set(id, await readWeight(rowsOf(table, { start: id, count: 1 })));
  }
  return Float32Array.from(ids.flatMap((id) => [...rows.get(id) ?? []]));
}

/**
 * Compares the embeddings of fixed tokens, which the file holds too, with those
 * of CLIP.
 *
 * @throws {ModelError} If they are of another CLIP.
 */
export async function checkPublished(
  { path, tensors }: Weights,
  clip: ReadonlyMap<string, WeightEntry>,
): Promise<void> {
  const table = clip.get(EMBEDDINGS)!;
  const [, width] = table.shape as [number, number];
  for (const state of ["pos", "neg"] as const) {
    const found = await fixedTokens(tensors, state);
    if (found === undefined) continue;
    const { ids, rows } = found;
    const own = await readRows(table, ids);
    const isSame = rows.length === own.length &&
      rows.every((x, i) => Math.abs(x - own[i]!) <= TOLERANCE);
    if (isSame) continue;
    cannotLoad(
      path,
      `it must be trained on this CLIP: the embeddings of its words, ` +
        `[${ids.length}, ${width}], are others`,
    );
  }
}
