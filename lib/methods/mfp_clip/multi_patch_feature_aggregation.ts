/**
 * Adapters and multi-patch feature aggregation (MPFA), section 3.5.
 *
 * @module
 */
import type { ClipConfig } from "../../clip/config.ts";
import { linearLayer } from "../../clip/transformer.ts";
import type { GraphBuilder } from "../../graph/builder.ts";
import type { Value } from "../../graph/graph.ts";
import { l2Normalize } from "../../graph/nn.ts";
import { averageMatrix, resampleTokens } from "../../graph/resample.ts";
import type { MfpClipConfig } from "./config.ts";

/**
 * Equations 7 to 10: an adapter brings patch tokens into the joint space, then
 * each is averaged with its N x N neighbourhood on the grid.
 *
 * @param patches Patch tokens of one tap [B, P, Dv].
 * @param options The tap's number, counted from 0, sizes and choices.
 * @returns Unit vectors [B, P, Dt].
 */
export function patchFeatures(
  g: GraphBuilder,
  patches: Value,
  { tap, clip, config }: {
    tap: number;
    clip: ClipConfig;
    config: MfpClipConfig;
  },
): Value {
  return g.scope(`adapters.${tap}`, () => {
    const layer = (x: Value, name: string) => {
      const options = {
        name: `adapters.${tap}.${name}`,
        width: clip.projectionDim,
      };
      return g.leakyRelu(linearLayer(g, x, options), config.leakySlope);
    };
    const adapted = layer(layer(patches, "fc1"), "fc2");
    return l2Normalize(g, aggregate(g, adapted, config.mpfa));
  });
}

function aggregate(g: GraphBuilder, x: Value, window: number): Value {
  if (window === 1) return x;
  const grid = Math.sqrt(x.shape[1]!);
  return resampleTokens(g, x, averageMatrix(grid, window));
}
