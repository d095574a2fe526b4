/**
 * Plots of score distributions.
 *
 * @module
 */
import {
  axisX,
  axisY,
  dot,
  gridX,
  rectY,
  ruleX,
  ruleY,
  tickX,
} from "@observablehq/plot";
import type { CategoryScores, ScoreSeries } from "../results/decision.ts";
import { displayWidth, shortNames } from "./display_width.ts";
import type { Markup } from "./markup.ts";
import { drawSvg, type PlotText } from "./svg.ts";

const BINS = 24;
const SCORE_LABEL = "score_logit";

interface Bin {
  readonly x1: number;
  readonly x2: number;
  /** Share of the images, negative where drawn downwards. */
  readonly share: number;
}

function finite(values: ScoreSeries): Float64Array {
  const found = new Float64Array(values.length);
  let count = 0;
  for (const value of values) {
    if (Number.isFinite(value)) found[count++] = value;
  }
  return found.subarray(0, count);
}

/** Lowest and highest of all values, never equal. */
function domainOf(groups: readonly Float64Array[]): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const values of groups) {
    for (const value of values) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  if (low > high) return [-1, 1];
  return low === high ? [low - 0.5, high + 0.5] : [low, high];
}

function histogram(
  values: Float64Array,
  [low, high]: readonly [number, number],
  direction: 1 | -1,
): Bin[] {
  const counts = new Array<number>(BINS).fill(0);
  for (const value of values) {
    const at = Math.floor(BINS * (value - low) / (high - low));
    counts[Math.min(at, BINS - 1)]!++;
  }
  const width = (high - low) / BINS;
  return counts.map((count, i) => ({
    x1: low + i * width,
    x2: low + (i + 1) * width,
    share: direction * count / values.length,
  })).filter(({ share }) => share !== 0);
}

/**
 * Draws the distribution of the scores of one category. Good images point
 * upwards, defective ones downwards, each as shares of their own number. A line
 * marks the threshold.
 *
 * @param scores The scores.
 * @param options The threshold, null for none, and the plot's text.
 * @returns An `<svg>` element.
 */
export function scorePlot(
  scores: CategoryScores,
  options: PlotText & { readonly threshold: number | null },
): Markup {
  const { threshold, title, description } = options;
  const good = finite(scores.good);
  const defective = finite(scores.defective);
  const unlabelled = finite(scores.unlabelled);
  const domain = domainOf([good, defective, unlabelled]);
  const bars = (values: Float64Array, direction: 1 | -1, fill: string) =>
    rectY(histogram(values, domain, direction), {
      x1: "x1",
      x2: "x2",
      y: "share",
      fill,
      inset: 0.5,
    });
  return drawSvg({
    width: 280,
    height: 260,
    marginTop: 22,
    marginRight: 10,
    marginBottom: 36,
    marginLeft: 36,
    x: { domain, nice: true, label: SCORE_LABEL },
    y: { nice: true, label: "Share of images" },
    marks: [
      axisX({ ticks: 3, tickSize: 0 }),
      axisY({
        ticks: 5,
        tickSize: 0,
        tickFormat: (share: number) => `${Math.round(100 * Math.abs(share))}%`,
      }),
      bars(good, 1, "var(--good)"),
      bars(unlabelled, 1, "var(--muted)"),
      bars(defective, -1, "var(--bad)"),
      ruleY([0], { stroke: "var(--muted)" }),
      ...(threshold === null || !Number.isFinite(threshold) ? [] : [ruleX(
        [threshold],
        { stroke: "currentColor", strokeDasharray: "4 3" },
      )]),
    ],
  }, { title, description });
}

/** One category of {@linkcode spreadPlot}. */
export interface CategorySpread {
  /** Name of the category. */
  readonly category: string;
  /** Its scores. */
  readonly scores: CategoryScores;
  /** Its threshold; null for none. */
  readonly threshold: number | null;
}

/** 5, 25, 50, 75 and 95 percent quantiles of one label of a category. */
interface Spread {
  readonly category: string;
  readonly quantiles: readonly number[];
}

function spreadOf(category: string, values: ScoreSeries): Spread[] {
  const sorted = finite(values).sort();
  if (sorted.length === 0) return [];
  const quantiles = [0.05, 0.25, 0.5, 0.75, 0.95].map((part) =>
    sorted[Math.round(part * (sorted.length - 1))]!
  );
  return [{ category, quantiles }];
}

function spreadMarks(spreads: Spread[], dy: number, colour: string) {
  const quantile = (i: number) => (d: Spread) => d.quantiles[i]!;
  const span = (from: number, to: number, strokeWidth: number) =>
    ruleY(spreads, {
      y: "category",
      x1: quantile(from),
      x2: quantile(to),
      stroke: colour,
      strokeWidth,
      strokeLinecap: "round",
      dy,
    });
  return [
    span(0, 4, 1.5),
    span(1, 3, 5),
    dot(spreads, {
      y: "category",
      x: quantile(2),
      r: 3,
      fill: "var(--panel)",
      stroke: colour,
      strokeWidth: 1.5,
      dy,
    }),
  ];
}

/** Columns of the longest name beside the plot, and pixels for each. */
const NAME_WIDTH = 22;
const COLUMN_PIXELS = 6;

/**
 * Draws the scores of all categories, one below the other. A thin line goes from
 * the 5 % to the 95 % quantile, a thick one from 25 % to 75 %. A dot marks the
 * median, a tick the threshold.
 *
 * @param categories The categories, from top to bottom.
 * @param text Title and description of the plot.
 * @returns An `<svg>` element.
 */
export function spreadPlot(
  categories: readonly CategorySpread[],
  text: PlotText,
): Markup {
  const spreads = (label: keyof CategoryScores) =>
    categories.flatMap(({ category, scores }) =>
      spreadOf(category, scores[label])
    );
  const names = shortNames(
    categories.map(({ category }) => category),
    NAME_WIDTH,
  );
  const widest = Math.max(0, ...names.values().map(displayWidth));
  const thresholds = categories.filter(({ threshold }) => threshold !== null);
  return drawSvg({
    width: 400,
    height: 24 * categories.length + 44,
    marginTop: 6,
    marginRight: 10,
    marginBottom: 36,
    marginLeft: Math.max(88, 16 + COLUMN_PIXELS * widest),
    x: { nice: true, label: SCORE_LABEL },
    y: {
      type: "band",
      domain: categories.map(({ category }) => category),
      label: null,
    },
    marks: [
      gridX({ stroke: "var(--grid)", strokeOpacity: 1 }),
      axisX({ tickSize: 0 }),
      axisY({ tickSize: 0, tickFormat: (name: string) => names.get(name)! }),
      ...spreadMarks(spreads("good"), -4, "var(--good)"),
      ...spreadMarks(spreads("unlabelled"), 0, "var(--muted)"),
      ...spreadMarks(spreads("defective"), 4, "var(--bad)"),
      tickX(thresholds, { x: "threshold", y: "category", inset: 2 }),
    ],
  }, text);
}
