/**
 * APRIL-GAN as one of the methods. The code of its models is loaded late.
 *
 * @module
 */
import { importLate } from "../../async/import_late.ts";
import type { JsonObject } from "../../checkpoint/json_file.ts";
import type { ClipConfig } from "../../clip/config.ts";
import { configToJson } from "../config_json.ts";
import type { Method } from "../method.ts";
import { plainImageSize, quarterTaps } from "../plain_choices.ts";
import { DEFAULT_CONFIG, parseAprilGanConfig } from "./config.ts";

/** APRIL-GAN: needs CLIP and a trained head. */
export const APRIL_GAN: Method<"april-gan"> = {
  name: "april-gan",
  title: "APRIL-GAN",
  configFile: "april_gan.json",
  headFile: "april_gan.safetensors",
  publishedHead: { file: "april_gan.pth" },
  authorsTraining: { mosaic: { mvtec: 0.2 }, epochs: { visa: 15 } },
  usesResnet: false,
  usesImageFeature: true,
  choices: (json, path) => configToJson(parseAprilGanConfig(json, path)),
  plainChoices,
  load: () => importLate(new URL("./architecture.ts", import.meta.url)),
};

function plainChoices({ vision }: ClipConfig): JsonObject {
  const taps = quarterTaps(vision);
  const image_size = plainImageSize(vision, DEFAULT_CONFIG.imageSize);
  return { image_size, taps, memory_taps: taps };
}
