/**
 * Names of the tensors in the checkpoints that AdaCLIP's authors publish.
 *
 * @module
 */
import type { Weights } from "../../checkpoint/weights.ts";
import { renameTensors } from "../rename_tensors.ts";

/** What all names begin with. */
const PREFIX = "clip_model.";

/** It is stored, but no code reads it: the first text block has no prompt. */
const UNUSED = "text_prompter.static_prompts.0";

/** Beginnings of published names, and what they are here. */
const MODULES: readonly (readonly [published: string, own: string])[] = [
  ["visual_prompter.static_prompts.", "vision.static."],
  ["text_prompter.static_prompts.", "text.static."],
  ["dynamic_visual_prompt_generator.head.", "vision.dynamic."],
  ["dynamic_text_prompt_generator.head.", "text.dynamic."],
  ["patch_token_layer.head.", "adapters."],
  ["cls_token_layer.head.0.", "class."],
];

/** The name here; one that is not known stays, and is refused as foreign. */
function ownName(published: string): string {
  const name = published.startsWith(PREFIX)
    ? published.slice(PREFIX.length)
    : published;
  const module = MODULES.find(([start]) => name.startsWith(start));
  return module === undefined
    ? published
    : module[1] + name.slice(module[0].length);
}

/**
 * Gives published tensors their names here.
 *
 * @throws {ModelError} If two tensors have the same name but for the prefix.
 */
export function renamePublished(weights: Weights): Weights {
  return renameTensors(
    weights,
    (name, entry) =>
      name === UNUSED || name === PREFIX + UNUSED
        ? undefined
        : [ownName(name), entry],
  );
}
