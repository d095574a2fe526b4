/**
 * The choices of the sixth method.
 *
 * @module
 */
import { cannotLoad } from "../../../lib/checkpoint/cannot_load.ts";
import { Fields } from "../../../lib/checkpoint/fields.ts";
import type { JsonObject } from "../../../lib/checkpoint/json_file.ts";

/** The choices. */
export interface PatchProbeConfig {
  /** Side of the square image. */
  readonly imageSize: number;
}

/** Reads the choices. */
export function parsePatchProbeConfig(
  json: JsonObject,
  path: string,
): PatchProbeConfig {
  const fields = new Fields(json);
  const imageSize = fields.integer("image_size", { fallback: 224 });
  if (fields.problems.length > 0) cannotLoad(path, fields.problems.join(", "));
  return { imageSize };
}
