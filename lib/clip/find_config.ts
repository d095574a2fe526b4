/**
 * Finds the sizes of a CLIP model, whatever form it comes in.
 *
 * @module
 */
import { cannotLoad } from "../checkpoint/cannot_load.ts";
import { isThere } from "../files/is_there.ts";
import type { Checkpoint } from "../checkpoint/open_checkpoint.ts";
import { type ClipConfig, readClipConfig } from "./config.ts";
import { clipConfigFromShapes } from "./config_from_shapes.ts";
import { readOpenClipFacts } from "./open_clip_config.ts";

/**
 * Finds the sizes of a CLIP model: in config.json; or, where there is none,
 * in its tensors, with what they do not tell from open_clip_config.json, or
 * as in OpenAI's models if the checkpoint is a TorchScript archive, which
 * only OpenAI publishes.
 *
 * @param folder The folder of the checkpoint.
 * @param checkpoint The opened checkpoint.
 * @throws {ModelError} If nothing says the sizes, or a value is unusable.
 */
export async function findClipConfig(
  folder: string,
  checkpoint: Checkpoint,
): Promise<ClipConfig> {
  const own = `${folder}/config.json`;
  if (await isThere(own)) return await readClipConfig(own);
  const openClip = `${folder}/open_clip_config.json`;
  if (await isThere(openClip)) {
    return clipConfigFromShapes(checkpoint, await readOpenClipFacts(openClip));
  }
  if (checkpoint.isTorchScript) {
    return clipConfigFromShapes(checkpoint, { hiddenAct: "quick_gelu" });
  }
  cannotLoad(
    folder,
    "config.json is missing, and neither an open_clip_config.json nor a " +
      "TorchScript archive of OpenAI stands in for it",
  );
}
