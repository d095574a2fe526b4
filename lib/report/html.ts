/**
 * The report of an evaluation as one HTML page.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { NO_SCORES } from "../results/decision.ts";
import type { Gallery } from "../results/gallery.ts";
import type { HeatColours } from "../results/heat_colours.ts";
import { RowDigest } from "../results/row_digest.ts";
import {
  categoryCurves,
  dataSetCurves,
  type Detail,
  hasLabels,
} from "./html_curves.ts";
import { headline, imageNotes, metricTable } from "./html_metrics.ts";
import { gallerySection, lightbox } from "./html_gallery.ts";
import {
  cautionNote,
  errorSection,
  header,
  readingSection,
} from "./html_notes.ts";
import { rowTable, verdictHeadline } from "./html_verdicts.ts";
import { spreadSection } from "./html_spread.ts";
import { html, Markup } from "./markup.ts";
import curvesStyle from "./page_curves.css" with { type: "text" };
import metricsStyle from "./page_metrics.css" with { type: "text" };
import galleryStyle from "./page_gallery.css" with { type: "text" };
import lightboxStyle from "./page_lightbox.css" with { type: "text" };
import style from "./page.css" with { type: "text" };
import script from "./page.js" with { type: "text" };
import type { RocCurve } from "../metrics/roc_curve.ts";
import { METRICS, type ScoreRow, type Summary } from "../results/summary.ts";

/** The curves of one category. */
export interface CategoryCurves {
  /** ROC of images; null if it cannot be computed. */
  readonly image: RocCurve | null;
  /** ROC of pixels; null if it cannot be computed. */
  readonly pixel: RocCurve | null;
  /** The `score_logit` of highest F1; null without images of both labels. */
  readonly threshold: number | null;
}

/** The content of a report. */
export interface ReportContent {
  /** Counts and metrics. */
  readonly summary: Summary;
  /** All rows of the evaluation, ordered by key, or what is to be said of them. */
  readonly rows: readonly ScoreRow[] | RowDigest;
  /** Curves by category. */
  readonly curves: Readonly<Record<string, CategoryCurves>>;
  /** The images to show. */
  readonly gallery: Gallery;
  /**
   * The colours of heatmaps of categories that have none of their own.
   *
   * @default {{ scale: "map", range: [0, 1] }}
   */
  readonly colours?: HeatColours;
  /** Address of an image's file, for a link; without it there are none. */
  readonly linkOf?: (key: string) => string | undefined;
}

const STYLE = new Markup(
  [style, metricsStyle, curvesStyle, galleryStyle, lightboxStyle].join("\n"),
);

const SCRIPT = new Markup(script);

const WHOLE_RANGE: HeatColours = { scale: "map", range: [0, 1] };

/** Allows the page's own script, and no request. */
function policy(): string {
  const hash = createHash("sha256").update(script).digest("base64");
  return [
    "default-src 'none'",
    "img-src data:",
    "style-src 'unsafe-inline'",
    `script-src 'sha256-${hash}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
}

function head(summary: Summary): Markup {
  const title = `${summary.data} · ${summary.model} · anomaly detection report`;
  return html`
    <head>
      <meta charset="utf-8">
      <meta http-equiv="Content-Security-Policy" content="${policy()}">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>${title}</title>
      <style>${STYLE}</style>
    </head>
  `;
}

function details(content: ReportContent, digest: RowDigest): Detail[] {
  const curves = new Map(Object.entries(content.curves));
  const noCurves = { image: null, pixel: null, threshold: null };
  return Object.entries(content.summary.categories).map(
    ([category, summary]) => ({
      category,
      summary,
      scores: digest.categories.get(category)?.scores ?? NO_SCORES,
      ...(curves.get(category) ?? noCurves),
    }),
  );
}

/**
 * Renders a report as one page that needs no other file and no network. It shows
 * the metrics with their means, ROC curves, score distributions, and a gallery
 * with wrong decisions first. A script adds filters, sorting and larger images;
 * the page can be read without it. The same content gives the same page.
 *
 * @param content The content.
 * @returns The page.
 */
export function renderReport(content: ReportContent): string {
  const { summary, gallery, colours = WHOLE_RANGE } = content;
  const digest = RowDigest.of(content.rows);
  const categories = details(content, digest);
  const gallerySections = [
    gallerySection(categories, { ...content, gallery, colours }),
    rowTable(digest, content),
  ];
  const isLabelled = categories.some(hasLabels);
  const metrics = isLabelled
    ? [
      headline(summary),
      metricTable(summary),
      spreadSection(summary),
      dataSetCurves(categories),
      categoryCurves(categories),
    ]
    : [imageNotes(summary), categoryCurves(categories)];
  // Without labels there is nothing to measure, so the images come first.
  const hasMetrics = METRICS.some((metric) => summary.mean[metric] !== null);
  const main = [
    header(summary, isLabelled),
    cautionNote(summary),
    verdictHeadline(summary),
    ...hasMetrics
      ? [...metrics, ...gallerySections]
      : [...gallerySections, ...metrics],
    errorSection(digest),
    readingSection(summary),
  ];
  const body = html`
    <body>
      <main>${main}</main>
      ${lightbox()}
      <script>${SCRIPT}</script>
    </body>
  `;
  return `<!doctype html>\n<html lang="en">${head(summary)}${body}</html>\n`;
}
