/**
 * The map by text: harmonic means of probabilities over windows and scales.
 *
 * @module
 */
import type { GraphBuilder } from "../../graph/builder.ts";
import type { Value } from "../../graph/graph.ts";
import type { WinClipConfig } from "./config.ts";
import { spreadWindows, type Windows } from "./windows.ts";

/** Logits of windows of one size. */
export interface WindowLogits {
  /** Which windows. */
  readonly windows: Windows;
  /** One for each window [B, W]. */
  readonly logits: Value;
}

/**
 * Logits leave [-80, 80] in no CLIP: a scale of 100 would need cosines that
 * differ by 0.8. Beyond, their exponentials leave the range of float32.
 */
const LARGEST_LOGIT = 80;

/**
 * Harmonic means over the windows that hold a patch, then over the scales. Of
 * p = 1 / (1 + e^-z) it is 1 / (1 + mean e^-z), so the logit of the result is
 * -log mean e^-z: nothing is divided by a probability near 0.
 *
 * @returns Logits [B, P].
 */
export function languageMap(
  g: GraphBuilder,
  { image, found }: { image: Value; found: readonly WindowLogits[] },
  { language, imageLevel }: WinClipConfig,
): Value {
  return g.scope("language_map", () => {
    const sign = language === "anomaly" ? -1 : 1;
    const odds = (logits: Value) => {
      const z = g.multiply(logits, sign);
      const bounded = g.minimum(g.maximum(z, -LARGEST_LOGIT), LARGEST_LOGIT);
      return g.exp(bounded);
    };
    const scales = found.map(({ logits, windows }) =>
      spreadWindows(g, odds(logits), windows)
    );
    if (imageLevel) scales.push(odds(image));
    const sum = scales.reduce((a, b) => g.add(a, b));
    const mean = g.multiply(sum, 1 / scales.length);
    return g.multiply(g.log(mean), sign);
  });
}
