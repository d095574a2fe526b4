/**
 * Plots of receiver operating characteristics (ROC).
 *
 * @module
 */
import { gridX, gridY, line } from "@observablehq/plot";
import type { RocCurve } from "../metrics/roc_curve.ts";
import type { Markup } from "./markup.ts";
import { drawSvg, type PlotText } from "./svg.ts";

/** A curve and its style. */
export interface RocLine {
  /** The curve. */
  readonly curve: RocCurve;
  /** Colour, as CSS. */
  readonly stroke: string;
  /** Width in pixels. */
  readonly width: number;
}

/** Highest true positive rate at each of the rising `at`. */
function sample({ fpr, tpr }: RocCurve, at: readonly number[]): number[] {
  let i = 0;
  return at.map((x) => {
    while (i + 1 < fpr.length && fpr[i + 1]! <= x) i++;
    if (i + 1 >= fpr.length) return tpr[i]!;
    const part = (x - fpr[i]!) / (fpr[i + 1]! - fpr[i]!);
    return tpr[i]! + part * (tpr[i + 1]! - tpr[i]!);
  });
}

/**
 * Averages curves: the mean true positive rate at each false positive rate.
 *
 * @param curves At least one curve.
 * @returns A curve of 202 points.
 */
export function meanRoc(curves: readonly RocCurve[]): RocCurve {
  const at = Array.from({ length: 201 }, (_, i) => i / 200);
  const samples = curves.map((curve) => sample(curve, at));
  const tpr = at.map((_, i) =>
    samples.reduce((sum, values) => sum + values[i]!, 0) / samples.length
  );
  return {
    fpr: Float64Array.of(0, ...at),
    tpr: Float64Array.of(0, ...tpr),
  };
}

/**
 * Draws ROC curves on one pair of axes.
 *
 * @param lines The curves, the last one on top.
 * @param text Title and description of the plot.
 * @returns An `<svg>` element.
 */
export function rocPlot(lines: readonly RocLine[], text: PlotText): Markup {
  const ticks = [0, 0.25, 0.5, 0.75, 1];
  const axis = { domain: [0, 1], ticks, tickFormat: String, tickSize: 0 };
  return drawSvg({
    width: 280,
    height: 260,
    marginTop: 22,
    marginRight: 10,
    marginBottom: 36,
    marginLeft: 36,
    x: { ...axis, label: "False positive rate" },
    y: { ...axis, label: "True positive rate" },
    marks: [
      gridX({ ticks, stroke: "var(--grid)", strokeOpacity: 1 }),
      gridY({ ticks, stroke: "var(--grid)", strokeOpacity: 1 }),
      line([[0, 0], [1, 1]], {
        stroke: "var(--faint)",
        strokeDasharray: "3 3",
      }),
      ...lines.map(({ curve, stroke, width }) =>
        line(curve.fpr, {
          x: curve.fpr,
          y: curve.tpr,
          stroke,
          strokeWidth: width,
        })
      ),
    ],
  }, text);
}
