/**
 * Mask prompting (MP), section 3.6: the coarse map marks the image for a
 * second pass.
 *
 * @module
 */
import type { VisionConfig } from "../../clip/config.ts";
import { linearLayer } from "../../clip/transformer.ts";
import { embedPatches } from "../../clip/vision_transformer.ts";
import type { GraphBuilder } from "../../graph/builder.ts";
import type { Value } from "../../graph/graph.ts";

/**
 * Equations 14 to 17: patches of the image joined with those of the image
 * multiplied by the coarse map.
 *
 * @param patches Embedded patches of the image [B, P, Dv].
 * @param options The normalised image [B, 3, H, H], the coarse map [B, H, H]
 * and the vision tower's sizes.
 * @returns [B, P, Dv].
 */
export function promptWithMask(
  g: GraphBuilder,
  patches: Value,
  { image, coarse, vision }: {
    image: Value;
    coarse: Value;
    vision: VisionConfig;
  },
): Value {
  return g.scope("mp", () => {
    const [batch, , side] = image.shape as [number, number, number];
    const mask = g.reshape(g.cast(coarse, "float"), [batch, 1, side, side]);
    const masked = embedPatches(g, g.multiply(image, mask), vision);
    return linearLayer(g, g.concat([patches, masked], 2), {
      name: "mp.fusion",
      width: vision.hiddenSize,
    });
  });
}
