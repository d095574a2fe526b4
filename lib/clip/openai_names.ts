/**
 * Maps the names that OpenAI and open_clip give to CLIP's tensors to those of
 * Hugging Face's CLIPModel.
 *
 * @see {@link https://github.com/openai/CLIP/blob/main/clip/model.py}
 *
 * @module
 */
import { rowsOf } from "../checkpoint/strides.ts";
import type { WeightEntry, Weights } from "../checkpoint/weights.ts";

/** Tensors outside the transformer blocks. */
const NAMES: Readonly<Record<string, string>> = {
  "visual.class_embedding": "vision_model.embeddings.class_embedding",
  "visual.conv1.weight": "vision_model.embeddings.patch_embedding.weight",
  "visual.positional_embedding":
    "vision_model.embeddings.position_embedding.weight",
  "visual.ln_pre.weight": "vision_model.pre_layrnorm.weight",
  "visual.ln_pre.bias": "vision_model.pre_layrnorm.bias",
  "visual.ln_post.weight": "vision_model.post_layernorm.weight",
  "visual.ln_post.bias": "vision_model.post_layernorm.bias",
  "visual.proj": "visual_projection.weight",
  "token_embedding.weight": "text_model.embeddings.token_embedding.weight",
  "positional_embedding": "text_model.embeddings.position_embedding.weight",
  "ln_final.weight": "text_model.final_layer_norm.weight",
  "ln_final.bias": "text_model.final_layer_norm.bias",
  "text_projection": "text_projection.weight",
};

/** Stored as [in, out], where the model's names mean [out, in]. */
const TRANSPOSED = new Set(["visual.proj", "text_projection"]);

/** Modules of a transformer block. */
const MODULES: Readonly<Record<string, string>> = {
  "ln_1": "layer_norm1",
  "ln_2": "layer_norm2",
  "attn.out_proj": "self_attn.out_proj",
  "mlp.c_fc": "mlp.fc1",
  "mlp.c_proj": "mlp.fc2",
};

const BLOCK_REGEXP =
  /^(visual\.)?transformer\.resblocks\.(\d+)\.(.+?)[._](weight|bias)$/;

/** Rows of a packed [3D, ...] projection: query, key, value. */
function unpack(entry: WeightEntry): WeightEntry[] {
  const count = entry.shape[0]! / 3;
  return [0, 1, 2].map((part) => rowsOf(entry, { start: part * count, count }));
}

function renameBlock(
  name: string,
  entry: WeightEntry,
): [string, WeightEntry][] | undefined {
  const [, visual, index, module, kind] = BLOCK_REGEXP.exec(name) ?? [];
  if (module === undefined) return undefined;
  const tower = visual === undefined ? "text_model" : "vision_model";
  const block = `${tower}.encoder.layers.${index}`;
  if (module === "attn.in_proj" && entry.shape[0]! % 3 === 0) {
    return unpack(entry).map((part, i) => [
      `${block}.self_attn.${"qkv"[i]}_proj.${kind}`,
      part,
    ]);
  }
  const renamed = MODULES[module];
  return renamed === undefined
    ? undefined
    : [[`${block}.${renamed}.${kind}`, entry]];
}

function rename(name: string, entry: WeightEntry): [string, WeightEntry][] {
  const renamed = NAMES[name];
  if (renamed === undefined) return renameBlock(name, entry) ?? [[name, entry]];
  return [[renamed, { ...entry, transposed: TRANSPOSED.has(name) }]];
}

/** Whether a checkpoint has OpenAI's or open_clip's names. */
export function hasOpenaiNames(weights: Weights): boolean {
  return weights.tensors.has("visual.class_embedding") ||
    weights.tensors.has("visual.conv1.weight");
}

/**
 * Renames the tensors of a checkpoint of OpenAI or open_clip. A packed query,
 * key and value projection becomes three ranges of the same bytes; unknown
 * names are left as they are.
 */
export function fromOpenaiNames(weights: Weights): Weights {
  const tensors = new Map(
    [...weights.tensors].flatMap(([name, entry]) => rename(name, entry)),
  );
  return { path: weights.path, tensors };
}
