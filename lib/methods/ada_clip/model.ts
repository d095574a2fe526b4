/**
 * AdaCLIP as a tensor program: prompts in both towers, then cosines of patches
 * and sentences.
 *
 * @module
 */
import { linearLayer } from "../../clip/transformer.ts";
import { embedPatches, enterTower } from "../../clip/vision_transformer.ts";
import type { GraphBuilder } from "../../graph/builder.ts";
import type { Value } from "../../graph/graph.ts";
import { l2Normalize } from "../../graph/nn.ts";
import { bilinearMatrix, resampleImage } from "../../graph/resample.ts";
import { normalise } from "../inputs.ts";
import { abnormalDirection, abnormalLogits } from "../logits.ts";
import type { TextOptions } from "../text_rules.ts";
import { dynamicPrompts } from "./prompts.ts";
import { SENTENCE_COUNTS } from "./sentences.ts";
import {
  type AdaClipSizes,
  plainFeature,
  promptedText,
  promptedVision,
} from "./towers.ts";

/** What the model computes before scores. */
export interface AdaClipValues {
  /** Logits of the abnormal state for each tap [B, P]. */
  readonly logits: readonly Value[];
  /** Unit patch features of each tap [B, P, Dt]. */
  readonly patches: readonly Value[];
  /** The unit feature of the class token [B, Dt]. */
  readonly image: Value;
  /** The scaled difference of the states' text features [B, 1, Dt]. */
  readonly direction: Value;
}

/**
 * Images `rgb` in [0, 1], [B, 3, H, H], and sentences `ids` [B, N, n] or text
 * features `text` [B, 2, Dt].
 */
export type AdaClipInputs =
  & { readonly rgb: Value }
  & ({ readonly ids: Value } | { readonly text: Value });

/**
 * The whole model but for the score.
 *
 * @param options Sizes, and how many positions enter the text tower.
 */
export function adaClip(
  g: GraphBuilder,
  inputs: AdaClipInputs,
  { length, ...sizes }: AdaClipSizes & Pick<TextOptions, "length">,
): AdaClipValues {
  const { clip, config } = sizes;
  const image = normalise(g, inputs.rgb);
  const { position: interpolation } = config;
  const embedded = embedPatches(g, image, clip.vision, { interpolation });
  const tokens = enterTower(g, embedded, clip.vision);
  let feature: Value | undefined;
  const plain = () => feature ??= plainFeature(g, tokens, sizes);
  const dynamic = (tower: "vision" | "text") =>
    dynamicPrompts(g, plain, {
      config,
      tower,
      width: clip[tower].hiddenSize,
    });
  const text = "text" in inputs
    ? inputs.text
    : promptedText(g, { ids: inputs.ids, dynamic: dynamic("text") }, {
      ...sizes,
      perState: SENTENCE_COUNTS,
      length,
    });
  const scale = g.constant([config.scale], [], "wide");
  const direction = abnormalDirection(g, text, scale);
  const vision = promptedVision(g, tokens, dynamic("vision"), sizes);
  const width = clip.projectionDim;
  const patches = vision.taps.map((tap, i) =>
    l2Normalize(g, linearLayer(g, tap, { name: `adapters.${i}`, width }))
  );
  const token = linearLayer(g, vision.feature, { name: "class", width });
  return {
    logits: patches.map((patch) => abnormalLogits(g, patch, direction)),
    patches,
    image: l2Normalize(g, token),
    direction,
  };
}

/** The mean of logits [B, P] over the taps. */
export function meanLogits(g: GraphBuilder, logits: readonly Value[]): Value {
  const sum = logits.reduce((a, b) => g.add(a, b));
  return g.multiply(sum, 1 / logits.length);
}

/** One value for each patch [B, P] -> [B, H, H]. Corners lie on corners. */
export function enlarge(g: GraphBuilder, x: Value, side: number): Value {
  const [batch, patches] = x.shape as [number, number];
  const grid = Math.sqrt(patches);
  const matrix = bilinearMatrix(side, grid, { alignCorners: true });
  return resampleImage(g, g.reshape(x, [batch, grid, grid]), matrix);
}
