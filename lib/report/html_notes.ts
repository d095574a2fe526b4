/**
 * The texts of a report: its header, the images without a score, and how to read
 * the page.
 *
 * @module
 */
import { goodLines, scoreWords } from "./format.ts";
import { html, type Markup } from "./markup.ts";
import type { RowDigest } from "../results/row_digest.ts";
import {
  type PromptWords,
  type Summary,
  USUAL_SCORING,
} from "../results/summary.ts";

function definitions(
  entries: readonly (readonly [name: string, text: string | Markup])[],
): Markup[] {
  return entries.map(([name, text]) =>
    html`
      <div>
        <dt>${name}</dt>
        <dd>${text}</dd>
      </div>
    `
  );
}

function goodFacts(summary: Summary): (readonly [string, string])[] {
  return goodLines(summary).map((line) => {
    const [name = "", text = ""] = line.split(": ", 2);
    return [name, text];
  });
}

/**
 * The data set, the model and the size of the evaluation.
 *
 * @param summary The evaluation.
 * @param hasLabels Whether an image has a label: else there are no metrics.
 * @returns The header of the page.
 */
export function header(summary: Summary, hasLabels: boolean): Markup {
  const facts = definitions([
    ["Model", summary.model],
    ["Score", scoreWords(summary)],
    ["Images", summary.images.toLocaleString("en")],
    ["Without a score", summary.errors.toLocaleString("en")],
    ["Categories", `${Object.keys(summary.categories).length}`],
    ["Smoothing", summary.smooth === 0 ? "none" : `sigma ${summary.smooth}`],
    ["Time", `${summary.seconds.toFixed(1)} s`],
    ...goodFacts(summary),
  ]);
  const images = [["gallery", "Gallery"], ["images", "All images"]];
  const sections = [
    ...hasLabels
      ? [["metrics", "Metrics"], ["categories", "Curves"], ...images]
      : [...images, ["categories", "Scores"]],
    ...(summary.errors === 0 ? [] : [["errors", "Without a score"]]),
    ["reading", "How to read this page"],
  ];
  const method = summary.good === undefined ? "Zero-shot" : "Few-shot";
  const links = sections.map(([id, name]) =>
    html`<a href="#${id!}">${name!}</a>`
  );
  return html`
    <header>
      <p class="eyebrow">${method} anomaly detection · ${summary.method ??
        USUAL_SCORING.method}</p>
      <h1>${summary.data}</h1>
      <dl class="facts">${facts}</dl>
      <nav aria-label="Sections">${links}</nav>
    </header>
  `;
}

/**
 * What the reader must know to trust the page.
 *
 * @param summary The evaluation.
 * @returns A note, or null if there is nothing to say.
 */
export function cautionNote({ caution }: Summary): Markup | null {
  if (caution === undefined) return null;
  return html`<p class="caution" role="note">${caution}</p>`;
}

/**
 * The images without a score, with the reasons.
 *
 * @param rows All rows of the evaluation.
 * @returns A section, or null if every image has a score.
 */
export function errorSection({ errors, failed }: RowDigest): Markup | null {
  if (errors === 0) return null;
  const listed = failed.map(({ key, error }) =>
    html`<li><code>${key}</code><span>${error}</span></li>`
  );
  const more = errors - listed.length;
  const lead = errors === 1
    ? "One image could not be scored and is not part of any metric."
    : `${
      errors.toLocaleString("en")
    } images could not be scored and are not part of any metric.`;
  const rest = `And ${more.toLocaleString("en")} more, in scores.parquet.`;
  return html`
    <section id="errors">
      <h2>Without a score</h2>
      <p class="lead">${lead}</p>
      <ul class="errors">${listed}</ul>
      ${more === 0 ? null : html`<p class="note">${rest}</p>`}
    </section>
  `;
}

function promptText(words: PromptWords): string {
  if (typeof words === "string") return words;
  return `${words.normal.join(" | ")} — ${words.abnormal.join(" | ")}`;
}

function promptList(summary: Summary): Markup | null {
  const entries = Object.entries(summary.prompts)
    .map(([category, words]) => [category, promptText(words)] as const);
  if (entries.length === 0) return null;
  return html`
    <details class="prompts">
      <summary>Words used as prompts</summary>
      <dl class="glossary">${definitions(entries)}</dl>
    </details>
  `;
}

function scoreNote(summary: Summary): readonly [string, Markup] {
  return [
    "S",
    html`
      The image score: ${scoreWords(summary)}, 0 to 1.
      <b>Scores of different categories cannot be compared.</b>
      <code>score_logit</code> is log S − log(1 − S). It gives the same ranking
      and does not saturate.
    `,
  ];
}

const GLOSSARY: readonly (readonly [name: string, text: string | Markup])[] = [
  [
    "Threshold",
    "Each category has its own threshold. A profile or --threshold sets it; else it is the score_logit of highest F1, chosen with the labels of these images, so no other threshold gives a higher F1 on them.",
  ],
  [
    "I-AUROC, I-AP, I-F1max",
    "Image level: area under the ROC curve, average precision and highest F1 of the image score.",
  ],
  [
    "P-AUROC, P-AP, P-F1max",
    "Pixel level: the same metrics of the anomaly map against the ground-truth masks, at model resolution.",
  ],
  [
    "AUPRO",
    "Region level: mean overlap per defective region, integrated to a false positive rate of 0.3 and normalised. AUPRO-200 is the variant with 200 thresholds that published tables use.",
  ],
];

/**
 * How to read the page.
 *
 * @param summary The evaluation.
 * @returns A section.
 */
export function readingSection(summary: Summary): Markup {
  return html`
    <section id="reading">
      <h2>How to read this page</h2>
      <dl class="glossary">${definitions([
        scoreNote(summary),
        ...GLOSSARY,
      ])}</dl>
      ${promptList(summary)}
    </section>
  `;
}
