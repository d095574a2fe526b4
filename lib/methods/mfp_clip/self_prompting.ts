/**
 * Self prompting (SP), section 3.4: prompts made from the image's own CNN
 * features, beside learned ones, read by the vision tower's first stages.
 *
 * @module
 */
import type { ClipConfig } from "../../clip/config.ts";
import { linearLayer } from "../../clip/transformer.ts";
import type { GraphBuilder } from "../../graph/builder.ts";
import type { Value } from "../../graph/graph.ts";
import type { MfpClipConfig } from "./config.ts";

/**
 * Equations 3 and 4: K prompts from the CNN, then K learned ones.
 *
 * @param cnn CNN features [B, C].
 * @returns [B, 2K, Dv].
 */
export function visualPrompts(
  g: GraphBuilder,
  cnn: Value,
  { clip, config }: { clip: ClipConfig; config: MfpClipConfig },
): Value {
  return g.scope("sp", () => {
    const batch = cnn.shape[0]!;
    const { spPrompts: count } = config;
    const { hiddenSize: width } = clip.vision;
    const own = Array.from({ length: count }, (_, k) => {
      const prompt = linearLayer(g, cnn, {
        name: `sp.projections.${k}`,
        width,
      });
      return g.reshape(prompt, [batch, 1, width]);
    });
    const tokens = g.parameter("sp.prompt_tokens", [count, width]);
    const learned = g.broadcastTo(g.reshape(tokens, [1, count, width]), [
      batch,
      count,
      width,
    ]);
    return g.concat([...own, learned], 1);
  });
}

/**
 * Equation 6: what enters block `block`, counted from 1. Up to the end of the
 * prompted stages the prompts are refreshed; afterwards they ride along or are
 * removed.
 *
 * @param x Tokens [B, L, Dv], the first `count` of them class and patches.
 */
export function promptBlock(
  g: GraphBuilder,
  x: Value,
  { prompts, block, count, config }: {
    prompts: Value;
    block: number;
    count: number;
    config: MfpClipConfig;
  },
): Value {
  const last = config.taps[config.spStages - 1]!;
  if (block >= 2 && block <= last) {
    return g.concat([withoutPrompts(g, x, count), prompts], 1);
  }
  const drop = block === last + 1 && config.spAfter === "drop";
  return drop ? withoutPrompts(g, x, count) : x;
}

function withoutPrompts(g: GraphBuilder, x: Value, count: number): Value {
  return x.shape[1] === count ? x : g.slice(x, 1, 0, count);
}
