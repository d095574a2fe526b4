/**
 * AnomalyCLIP as one of the methods. The code of its models is loaded late.
 *
 * @module
 */
import { importLate } from "../../async/import_late.ts";
import type { JsonObject } from "../../checkpoint/json_file.ts";
import type { ClipConfig } from "../../clip/config.ts";
import { configToJson } from "../config_json.ts";
import type { Method } from "../method.ts";
import { plainImageSize } from "../plain_choices.ts";
import { DEFAULT_CONFIG, parseAnomalyClipConfig } from "./config.ts";

/** AnomalyCLIP: needs CLIP and learned tokens. */
export const ANOMALY_CLIP: Method<"anomaly-clip"> = {
  name: "anomaly-clip",
  title: "AnomalyCLIP",
  configFile: "anomaly_clip.json",
  headFile: "anomaly_clip.safetensors",
  publishedHead: {
    file: "anomaly_clip.pth",
    rules: () =>
      importLate<typeof import("./published_head.ts")>(
        new URL("./published_head.ts", import.meta.url),
      ),
  },
  usesResnet: false,
  usesImageFeature: true,
  choices: (json, path) => configToJson(parseAnomalyClipConfig(json, path)),
  plainChoices,
  load: () => importLate(new URL("./architecture.ts", import.meta.url)),
};

/** The published choices for 24 vision and 12 text blocks, in proportion. */
function plainChoices({ vision, text }: ClipConfig): JsonObject {
  const { numHiddenLayers: layers } = vision;
  const { imageSize, vvFrom, depth } = DEFAULT_CONFIG;
  return {
    image_size: plainImageSize(vision, imageSize),
    taps: [layers],
    vv_from: Math.ceil(vvFrom * layers / 24),
    depth: Math.ceil(depth * text.numHiddenLayers / 12),
  };
}
