/**
 * Reads open_clip_config.json, which models of open_clip come with.
 *
 * @see {@link https://github.com/mlfoundations/open_clip}
 *
 * @module
 */
import { cannotLoad } from "../checkpoint/cannot_load.ts";
import { Fields } from "../checkpoint/fields.ts";
import { readJsonObject } from "../checkpoint/json_file.ts";
import type { ClipFacts } from "./config_from_shapes.ts";

/** Width of an attention head in the vision tower where none is given. */
const HEAD_WIDTH = 64;

/**
 * Reads from open_clip_config.json what the tensors of the model do not tell:
 * its activation and its attention heads.
 *
 * @throws {ModelError} If the file is missing or a value is unusable.
 */
export async function readOpenClipFacts(path: string): Promise<ClipFacts> {
  const fields = new Fields(await readJsonObject(path));
  const model = fields.nested("model_cfg");
  const vision = model.nested("vision_cfg");
  const width = vision.integer("width", { fallback: 768 });
  const headWidth = vision.integer("head_width", { fallback: HEAD_WIDTH });
  const facts: ClipFacts = {
    hiddenAct: model.boolean("quick_gelu", false) ? "quick_gelu" : "gelu",
    visionHeads: Math.floor(width / headWidth),
    textHeads: model.nested("text_cfg").integer("heads", { fallback: 8 }),
  };
  if (fields.problems.length > 0) cannotLoad(path, fields.problems.join(", "));
  return facts;
}
