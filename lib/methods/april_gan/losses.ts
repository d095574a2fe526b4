/**
 * The losses of APRIL-GAN: focal and dice for each tap, with weight 1.
 *
 * @module
 */
import type { GraphBuilder } from "../../graph/builder.ts";
import type { Value } from "../../graph/graph.ts";
import { channel } from "../anomaly_map.ts";
import { diceLoss, focalLoss } from "../focal_dice.ts";
import { byteImages, targetInputs, textInput } from "../inputs.ts";
import type { Losses } from "../training_rules.ts";
import { aprilGan, type AprilGanSizes } from "./model.ts";

/** The losses of each tap, and their sum. */
export function tapLosses(
  g: GraphBuilder,
  { layers, mask, taps }: {
    readonly layers: readonly Value[];
    readonly mask: Value;
    readonly taps: readonly number[];
  },
): Losses {
  const states = (layer: Value) =>
    [channel(g, layer, 0), channel(g, layer, 1)] as const;
  const reports = Object.fromEntries(
    layers.flatMap((layer, i) => [
      [`tap ${taps[i]}.focal`, focalLoss(g, states(layer), mask)],
      [`tap ${taps[i]}.dice`, diceLoss(g, states(layer)[1], mask)],
    ]),
  );
  const total = Object.values(reports).reduce((a, b) => g.add(a, b));
  return { total, reports };
}

/** The model with its losses, from `rgb`, `text`, `mask` and `label`. */
export function modelLosses(g: GraphBuilder, sizes: AprilGanSizes): Losses {
  const { clip, config: { imageSize, taps } } = sizes;
  const rgb = byteImages(g, imageSize);
  const text = textInput(g, clip);
  const { mask } = targetInputs(g, imageSize);
  const { layers } = aprilGan(g, { rgb, text }, sizes);
  return tapLosses(g, { layers, mask, taps });
}
