/**
 * A checkpoint of Hugging Face's layout, written again in OpenAI's.
 *
 * @module
 */
import {
  openSafetensors,
  readWeight,
} from "../../../lib/checkpoint/safetensors.ts";
import {
  type TensorData,
  writeSafetensors,
} from "../../../lib/checkpoint/write_safetensors.ts";
import {
  type ModelDirectory,
  openModelDirectory,
} from "../../../lib/methods/model_directory.ts";

const NAMES: Readonly<Record<string, string>> = {
  "vision_model.embeddings.class_embedding": "visual.class_embedding",
  "vision_model.embeddings.patch_embedding.weight": "visual.conv1.weight",
  "vision_model.embeddings.position_embedding.weight":
    "visual.positional_embedding",
  "vision_model.pre_layrnorm.weight": "visual.ln_pre.weight",
  "vision_model.pre_layrnorm.bias": "visual.ln_pre.bias",
  "vision_model.post_layernorm.weight": "visual.ln_post.weight",
  "vision_model.post_layernorm.bias": "visual.ln_post.bias",
  "text_model.embeddings.token_embedding.weight": "token_embedding.weight",
  "text_model.embeddings.position_embedding.weight": "positional_embedding",
  "text_model.final_layer_norm.weight": "ln_final.weight",
  "text_model.final_layer_norm.bias": "ln_final.bias",
  "visual_projection.weight": "visual.proj",
  "text_projection.weight": "text_projection",
};

const BLOCKS: readonly (readonly [string, string])[] = [
  ["vision_model.encoder.layers.", "visual.transformer.resblocks."],
  ["text_model.encoder.layers.", "transformer.resblocks."],
  ["self_attn.out_proj.", "attn.out_proj."],
  ["layer_norm1.", "ln_1."],
  ["layer_norm2.", "ln_2."],
  ["mlp.fc1.", "mlp.c_fc."],
  ["mlp.fc2.", "mlp.c_proj."],
];

function rename(name: string): string {
  return NAMES[name] ??
    BLOCKS.reduce((name, [from, to]) => name.replace(from, to), name);
}

function transpose({ dtype, shape, data }: TensorData): TensorData {
  const [rows, columns] = shape as [number, number];
  const turned = data.map((_, i) =>
    data[(i % rows) * columns + Math.floor(i / rows)]!
  );
  return { dtype, shape: [columns, rows], data: turned };
}

/** Query, key and value, one below the other. */
function pack(parts: readonly TensorData[]): TensorData {
  const [{ dtype, shape: [rows, ...rest] }] = parts as [TensorData];
  const data = Float32Array.from(parts.flatMap(({ data }) => [...data]));
  return { dtype, shape: [3 * rows!, ...rest], data };
}

async function readAll(path: string): Promise<Record<string, TensorData>> {
  const { tensors } = await openSafetensors(path);
  const read = [...tensors].map(async ([name, entry]) => {
    const data = await readWeight(entry);
    return [name, { dtype: "F32", shape: entry.shape, data } as const] as const;
  });
  return Object.fromEntries(await Promise.all(read));
}

/** Writes a model's CLIP checkpoint in OpenAI's layout and opens it again. */
export async function renameAsOpenai(
  { path }: ModelDirectory,
): Promise<ModelDirectory> {
  const file = `${path}/clip/model.safetensors`;
  const tensors = await readAll(file);
  const renamed: Record<string, TensorData> = {};
  for (const [name, tensor] of Object.entries(tensors)) {
    const projection = /^(.+\.self_attn\.)([qkv])_proj\.(weight|bias)$/.exec(
      name,
    );
    if (projection === null) {
      const isTurned = /^(visual|text)_projection\.weight$/.test(name);
      renamed[rename(name)] = isTurned ? transpose(tensor) : tensor;
      continue;
    }
    const [, module, letter, kind] = projection;
    if (letter !== "q") continue;
    const block = rename(module!.replace("self_attn.", "attn."));
    renamed[`${block}in_proj_${kind}`] = pack(
      ["q", "k", "v"].map((part) => tensors[`${module}${part}_proj.${kind}`]!),
    );
  }
  await writeSafetensors(file, renamed);
  return await openModelDirectory(path);
}
