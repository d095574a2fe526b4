/**
 * AdaCLIP as one of the methods. The code of its models is loaded late.
 *
 * @module
 */
import { importLate } from "../../async/import_late.ts";
import { configToJson } from "../config_json.ts";
import type { Method } from "../method.ts";
import { plainImageSize, quarterTaps } from "../plain_choices.ts";
import { DEFAULT_CONFIG, parseAdaClipConfig } from "./config.ts";

/** AdaCLIP: needs CLIP and a trained head. */
export const ADA_CLIP: Method<"ada-clip"> = {
  name: "ada-clip",
  title: "AdaCLIP",
  configFile: "ada_clip.json",
  headFile: "ada_clip.safetensors",
  publishedHead: {
    file: "ada_clip.pth",
    rules: () =>
      importLate<typeof import("./published_head.ts")>(
        new URL("./published_head.ts", import.meta.url),
      ),
  },
  authorsTraining: {
    mosaic: { mvtec: 0.2 },
    lacks:
      "AdaCLIP's authors train on a medical set too, and keep the epoch that is best on the test images",
  },
  usesResnet: false,
  usesImageFeature: true,
  choices: (json, path) => configToJson(parseAdaClipConfig(json, path)),
  plainChoices: ({ vision }) => ({
    image_size: plainImageSize(vision, DEFAULT_CONFIG.imageSize),
    taps: quarterTaps(vision),
  }),
  load: () => importLate(new URL("./architecture.ts", import.meta.url)),
};
