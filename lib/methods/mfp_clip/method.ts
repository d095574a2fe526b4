/**
 * MFP-CLIP as one of the methods. The code of its models is loaded late.
 *
 * @module
 */
import { importLate } from "../../async/import_late.ts";
import type { Method } from "../method.ts";
import { mfpClipConfigToJson, parseMfpClipConfig } from "./config.ts";

/** MFP-CLIP: needs CLIP, a ResNet and a trained head. */
export const MFP_CLIP: Method<"mfp-clip"> = {
  name: "mfp-clip",
  title: "MFP-CLIP",
  configFile: "mfp_clip.json",
  headFile: "mfp_clip.safetensors",
  usesResnet: true,
  usesImageFeature: false,
  choices: (json, path) => mfpClipConfigToJson(parseMfpClipConfig(json, path)),
  load: () => importLate(new URL("./architecture.ts", import.meta.url)),
};
