/**
 * Rewrites a golden's CLIP under the names that OpenAI gives its tensors.
 *
 * @module
 */
import {
  openSafetensors,
  readTensor,
} from "../../../lib/checkpoint/safetensors.ts";
import {
  type TensorData,
  writeSafetensors,
} from "../../../lib/checkpoint/write_safetensors.ts";

type Tensors = Map<string, TensorData>;

const NAMES: readonly (readonly [from: RegExp, to: string])[] = [
  [/^vision_model\.encoder\.layers\./, "visual.transformer.resblocks."],
  [/^text_model\.encoder\.layers\./, "transformer.resblocks."],
  [/layer_norm(\d)/, "ln_$1"],
  [/self_attn\.out_proj/, "attn.out_proj"],
  [/mlp\.fc1/, "mlp.c_fc"],
  [/mlp\.fc2/, "mlp.c_proj"],
  [/^vision_model\.pre_layrnorm/, "visual.ln_pre"],
  [/^vision_model\.post_layernorm/, "visual.ln_post"],
  [/^vision_model\.embeddings\.class_embedding/, "visual.class_embedding"],
  [/^vision_model\.embeddings\.patch_embedding/, "visual.conv1"],
  [
    /^vision_model\.embeddings\.position_embedding\.weight/,
    "visual.positional_embedding",
  ],
  [/^text_model\.embeddings\.token_embedding/, "token_embedding"],
  [
    /^text_model\.embeddings\.position_embedding\.weight/,
    "positional_embedding",
  ],
  [/^text_model\.final_layer_norm/, "ln_final"],
  [/^visual_projection\.weight/, "visual.proj"],
  [/^text_projection\.weight/, "text_projection"],
];

function openaiName(name: string): string {
  return NAMES.reduce((name, [from, to]) => name.replace(from, to), name);
}

function transpose({ dtype, shape, data }: TensorData): TensorData {
  const [rows = 1, columns = 1] = shape;
  return {
    dtype,
    shape: [columns, rows],
    data: data.map((_, i) =>
      data[(i % rows) * columns + Math.floor(i / rows)]!
    ),
  };
}

/** Query, key and value below each other. */
function pack(parts: readonly TensorData[]): TensorData {
  const { dtype, shape: [rows = 0, ...rest] } = parts[0]!;
  const data = Float32Array.from(parts.flatMap((part) => [...part.data]));
  return { dtype, shape: [3 * rows, ...rest], data };
}

async function readAll(path: string): Promise<Tensors> {
  const file = await openSafetensors(path);
  const tensors: Tensors = new Map();
  for (const [name, { shape }] of file.tensors) {
    const data = await readTensor(file, name);
    tensors.set(name, { dtype: "F32", shape, data });
  }
  return tensors;
}

/**
 * Rewrites a checkpoint in Hugging Face's layout in OpenAI's: packed query,
 * key and value, and transposed projections.
 */
export async function rewriteAsOpenai(path: string): Promise<void> {
  const source = await readAll(path);
  const target: Record<string, TensorData> = {};
  for (const [name, tensor] of source) {
    const [, block, kind] = /^(.*)self_attn\.q_proj\.(.*)$/.exec(name) ?? [];
    if (block !== undefined) {
      const part = (letter: string) =>
        source.get(`${block}self_attn.${letter}_proj.${kind}`)!;
      target[`${openaiName(block)}attn.in_proj_${kind}`] = pack(
        [part("q"), part("k"), part("v")],
      );
    } else if (!/self_attn\.[kv]_proj/.test(name)) {
      const isProjection = /^(visual|text)_projection/.test(name);
      target[openaiName(name)] = isProjection ? transpose(tensor) : tensor;
    }
  }
  await writeSafetensors(path, target);
}
