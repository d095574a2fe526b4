/**
 * WinCLIP as one of the methods. The code of its models is loaded late.
 *
 * @module
 */
import { importLate } from "../../async/import_late.ts";
import { configToJson } from "../config_json.ts";
import type { Method } from "../method.ts";
import { parseWinClipConfig } from "./config.ts";

/** WinCLIP: needs CLIP alone. */
export const WINCLIP: Method<"winclip"> = {
  name: "winclip",
  title: "WinCLIP",
  configFile: "winclip.json",
  headFile: null,
  usesResnet: false,
  usesImageFeature: true,
  choices: (json, path) => configToJson(parseWinClipConfig(json, path)),
  // The published size is that of one CLIP; others have their own.
  plainChoices: ({ vision }) => ({ image_size: vision.imageSize }),
  load: () => importLate(new URL("./architecture.ts", import.meta.url)),
};
