/**
 * The model directories of pretraining, one after each stage.
 *
 * @module
 */
import { isThere } from "../files/is_there.ts";
import { writeJson, writeWhole } from "../files/whole_file.ts";
import {
  type TensorData,
  writeSafetensors,
} from "../checkpoint/write_safetensors.ts";
import { readClipConfig } from "../clip/config.ts";
import {
  mfpClipConfigToJson,
  readMfpClipConfig,
} from "../methods/mfp_clip/config.ts";
import { MfpClip } from "../methods/mfp_clip/architecture.ts";
import type { ModelSizes } from "../methods/mfp_clip/model.ts";
import type { ModelDirectory } from "../methods/model_directory.ts";
import type { ResnetConfig } from "../resnet/config.ts";
import type { NamedArrays } from "../training/optimiser.ts";
import {
  MODEL_PARTS,
  type ModelPart,
  partShapes,
  readParameter,
} from "../training/trainable.ts";

const FILES: Record<ModelPart, string> = {
  clip: "clip/model.safetensors",
  resnet: "resnet50.safetensors",
  head: "mfp_clip.safetensors",
};

/** Written last: a folder with this file has a complete model. */
const LAST = "mfp_clip.json";

/** Files copied from the folder of the recipe. */
const COPIED = ["clip/config.json", "clip/vocab.json", "clip/merges.txt"];

/** Reads the sizes in the folder of a recipe. */
export async function readSizes(
  folder: string,
  resnet: ResnetConfig,
): Promise<ModelSizes> {
  return {
    clip: await readClipConfig(`${folder}/clip/config.json`),
    resnet,
    config: await readMfpClipConfig(`${folder}/mfp_clip.json`),
  };
}

/** Reads every tensor of a model, in row-major order. */
export async function readTensors(
  { weights }: Pick<ModelDirectory, "weights">,
): Promise<Map<string, Float32Array>> {
  const tensors = new Map<string, Float32Array>();
  for (const [name, entry] of weights) {
    tensors.set(name, await readParameter(entry));
  }
  return tensors;
}

/** Whether {@linkcode writeStageModel} was finished there. */
export async function isWhole(folder: string): Promise<boolean> {
  return await isThere(`${folder}/${LAST}`);
}

/** What {@linkcode writeStageModel} writes. */
export interface ModelContents {
  /** Its sizes. */
  readonly sizes: ModelSizes;
  /** Every tensor. */
  readonly tensors: NamedArrays;
  /** The folder of the recipe, with configuration and vocabulary. */
  readonly source: string;
  /** The stored type. */
  readonly dtype: "F16" | "F32";
}

/** Writes a model directory that refers to no other one. */
export async function writeStageModel(
  folder: string,
  { sizes, tensors, source, dtype }: ModelContents,
): Promise<void> {
  await Deno.mkdir(`${folder}/clip`, { recursive: true });
  for (const name of COPIED) {
    await writeWhole(
      `${folder}/${name}`,
      await Deno.readTextFile(`${source}/${name}`),
    );
  }
  for (const part of MODEL_PARTS) {
    const stored: Record<string, TensorData> = {};
    for (const [name, shape] of partShapes(new MfpClip(sizes), part)) {
      stored[name] = { dtype, shape, data: tensors.get(name)! };
    }
    const path = `${folder}/${FILES[part]}`;
    const metadata = { format: "pt" };
    await writeSafetensors(path, stored, { metadata });
  }
  await writeJson(`${folder}/${LAST}`, mfpClipConfigToJson(sizes.config));
}
