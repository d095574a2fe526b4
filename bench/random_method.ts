/**
 * Random models of any method: speed does not depend on the weights.
 *
 * @module
 */
import { parseClipConfig } from "../lib/clip/config.ts";
import { clipShapes } from "../lib/clip/weights.ts";
import type { Method } from "../lib/methods/method.ts";
import { openModelDirectory } from "../lib/methods/model_directory.ts";
import { promptIds, promptOptions } from "../lib/methods/prompts.ts";
import { resnetShapes } from "../lib/resnet/config.ts";
import {
  clipJsonOf,
  type RandomModelSize,
  writeJson,
  writeRandom,
} from "./random_model.ts";

/** It knows the words of all prompts, so that sentences are as long as real ones. */
const TOKENIZER = new URL(
  "../tests/golden/prompted_clips/quick_gelu/tokenizer.json",
  import.meta.url,
);

const RESNET = { width: 64, blocks: [3, 4, 6, 3] as const };

/**
 * Writes a model directory with random weights, and `ids.json` with what its
 * prompts of a product are.
 *
 * @param options The size, whose taps are those of a method without choices for
 * a plain CLIP; the product; and what the numbers of CLIP's tensors are
 * multiplied by.
 */
export async function writeRandomMethod(
  directory: string,
  method: Method,
  { size, product, seed = 0, scaleOf }: {
    readonly size: RandomModelSize;
    readonly product: string;
    readonly seed?: number;
    readonly scaleOf?: (name: string) => number;
  },
): Promise<void> {
  await Deno.mkdir(`${directory}/clip`, { recursive: true });
  const clipJson = clipJsonOf(size, { vocabulary: 1024 });
  await writeJson(`${directory}/clip/config.json`, clipJson);
  await Deno.copyFile(TOKENIZER, `${directory}/clip/tokenizer.json`);
  const clip = parseClipConfig(clipJson, "config.json");
  await writeRandom(
    `${directory}/clip/model.safetensors`,
    clipShapes(clip, { imageFeature: true }),
    seed,
    scaleOf,
  );
  const resnet = method.usesResnet ? RESNET : null;
  if (resnet !== null) {
    const path = `${directory}/resnet50.safetensors`;
    await writeRandom(path, resnetShapes(resnet), seed);
  }
  const json = {
    ...method.plainChoices?.(clip) ?? { taps: [...size.taps] },
    image_size: size.side,
  };
  await writeJson(`${directory}/${method.configFile}`, json);
  const config = { json, path: method.configFile };
  const { fit } = await method.load();
  const { headShapes } = fit({ clip, resnet }, config);
  if (method.headFile !== null) {
    await writeRandom(`${directory}/${method.headFile}`, headShapes, seed);
  }
  await writeIds(directory, product);
}

/** What a specification in another language reads of a product. */
async function writeIds(directory: string, product: string): Promise<void> {
  const { tokenizer, architecture } = await openModelDirectory(directory);
  const options = promptOptions(architecture);
  const { ids, perState } = promptIds(tokenizer, product, options);
  const n = ids.length / (perState[0] + perState[1]);
  const rows = Array.from(
    { length: ids.length / n },
    (_, i) => Array.from(ids.subarray(i * n, (i + 1) * n), Number),
  );
  await writeJson(`${directory}/ids.json`, { rows, perState });
}
