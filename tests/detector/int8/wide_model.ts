/**
 * Small models whose layers are wide enough to be quantised.
 *
 * @module
 */
import {
  contrastOf,
  type RandomModelSize,
  writeRandomModel,
} from "../../../bench/random_model.ts";
import {
  openSafetensors,
  readTensor,
} from "../../../lib/checkpoint/safetensors.ts";
import { writeSafetensors } from "../../../lib/checkpoint/write_safetensors.ts";

const SIZE: RandomModelSize = {
  vision: {
    hidden_size: 512,
    intermediate_size: 1024,
    num_hidden_layers: 4,
    num_attention_heads: 8,
    patch_size: 14,
    image_size: 84,
  },
  text: {
    hidden_size: 32,
    intermediate_size: 64,
    num_hidden_layers: 2,
    num_attention_heads: 2,
  },
  projection: 32,
  side: 112,
  taps: [1, 2, 3, 4],
  resnet: { width: 4, blocks: [1, 1, 1, 1] },
};

type Change = (
  name: string,
  data: Float32Array,
  shape: readonly number[],
) => Float32Array;

/** Changes the tensors of a model's CLIP. */
async function rewrite(path: string, change: Change): Promise<void> {
  const file = await openSafetensors(`${path}/clip/model.safetensors`);
  const tensors = await Promise.all(
    [...file.tensors].map(async ([name, { shape }]) => {
      const data = change(name, await readTensor(file, name), shape);
      return [name, { dtype: "F32", shape, data }] as const;
    }),
  );
  await writeSafetensors(
    `${path}/clip/model.safetensors`,
    Object.fromEntries(tensors),
  );
}

/** Writes a random model whose maps are not flat. */
export async function writeWideModel(path: string, seed = 0): Promise<void> {
  await writeRandomModel(path, SIZE, seed);
  await rewrite(
    path,
    (name, data) => data.map((value) => contrastOf(name) * value),
  );
}

const NORM = /^vision_model.*layer_norm[12]\.(weight|bias)$/;
const AFTER_NORM = /^vision_model.*([qkv]_proj|fc1)\.weight$/;

function planted(
  name: string,
  data: Float32Array,
  shape: readonly number[],
): Float32Array {
  const width = shape.at(-1)!;
  const factor = NORM.test(name) ? 40 : AFTER_NORM.test(name) ? 1 / 40 : 1;
  return data.map((value, i) => i % width < 3 ? value * factor : value);
}

/**
 * Makes a few channels large in what the layers of a model read, by its layer
 * norms, and their columns small: in float32 the model stays as it is.
 */
export async function plantOutliers(path: string): Promise<void> {
  await rewrite(path, planted);
}
