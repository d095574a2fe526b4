/**
 * A sixth method, small but whole: one trained Linear takes the patch tokens of
 * the last block into the space of the text. It lies as deep as the methods of
 * the project, so that its imports hold beside them too.
 *
 * @module
 */
import { importLate } from "../../../lib/async/import_late.ts";
import { configToJson } from "../../../lib/methods/config_json.ts";
import type { Method } from "../../../lib/methods/method.ts";
import { plainImageSize } from "../../../lib/methods/plain_choices.ts";
import { parsePatchProbeConfig } from "./config.ts";

/** The sixth method. */
export const PATCH_PROBE: Method<"patch-probe"> = {
  name: "patch-probe",
  title: "Patch probe",
  configFile: "patch_probe.json",
  headFile: "patch_probe.safetensors",
  usesResnet: false,
  usesImageFeature: false,
  choices: (json, path) => configToJson(parsePatchProbeConfig(json, path)),
  plainChoices: ({ vision }) => ({ image_size: plainImageSize(vision, 224) }),
  load: () => importLate(new URL("./architecture.ts", import.meta.url)),
};
