/**
 * Plots of what changes from step to step.
 *
 * @module
 */
import { areaY, axisX, axisY, dot, gridY, line } from "@observablehq/plot";
import type { Markup } from "./markup.ts";
import { drawSvg, type PlotText } from "./svg.ts";

/** A value at a step. */
export type PlotPoint = readonly [step: number, value: number];

/** Values over steps and how to draw them. */
export interface StepLine {
  /** The values, steps rising. */
  readonly points: readonly PlotPoint[];
  /** Colour, as CSS. */
  readonly stroke: string;
  /**
   * Whether each value is marked and none is merged with others.
   *
   * @default {false}
   */
  readonly marked?: boolean;
}

/** More points than this are merged. */
const BINS = 240;

interface Bin {
  readonly step: number;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/** Merges neighbours, so that any number of points can be drawn. */
function binned(points: readonly PlotPoint[]): Bin[] {
  const size = Math.max(1, Math.ceil(points.length / BINS));
  const bins: Bin[] = [];
  for (let first = 0; first < points.length; first += size) {
    const part = points.slice(first, first + size);
    const values = part.map(([, value]) => value);
    const sum = values.reduce((a, b) => a + b, 0);
    bins.push({
      step: part.at(-1)![0],
      mean: sum / values.length,
      low: Math.min(...values),
      high: Math.max(...values),
    });
  }
  return bins;
}

function marks({ points, stroke, marked = false }: StepLine) {
  if (marked) {
    const at = {
      x: (point: PlotPoint) => point[0],
      y: (point: PlotPoint) => point[1],
    };
    return [
      line(points, { ...at, stroke, strokeWidth: 1.75 }),
      dot(points, { ...at, fill: stroke, r: 2.5 }),
    ];
  }
  const bins = binned(points);
  const mean = line(bins, { x: "step", y: "mean", stroke, strokeWidth: 1.5 });
  if (bins.length === points.length) return [mean];
  const band = { x: "step", y1: "low", y2: "high", fill: stroke };
  return [areaY(bins, { ...band, fillOpacity: 0.15 }), mean];
}

/**
 * Draws values over steps. Where there are many, lines are means of
 * neighbours, within a band from the least to the greatest of them.
 *
 * @param lines The values, the last ones on top.
 * @param options Title and description of the plot, and its width in pixels.
 * @returns An `<svg>` element.
 */
export function stepPlot(
  lines: readonly StepLine[],
  { width = 280, ...text }: PlotText & { readonly width?: number },
): Markup {
  return drawSvg({
    width,
    height: 240,
    marginTop: 12,
    marginRight: 12,
    marginBottom: 34,
    marginLeft: 44,
    x: { label: "Step" },
    y: { label: null, nice: true },
    marks: [
      gridY({ stroke: "var(--grid)", strokeOpacity: 1, ticks: 5 }),
      axisX({ tickSize: 0, ticks: width / 70 }),
      axisY({ tickSize: 0, ticks: 5 }),
      ...lines.flatMap(marks),
    ],
  }, text);
}
