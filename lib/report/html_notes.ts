/**
 * What a report says in words: its header, the images that failed, and how to
 * read it.
 *
 * @module
 */
import { html, type Markup } from "./markup.ts";
import type { PromptWords, ScoreRow, Summary } from "../results/summary.ts";

/** More errors than this are counted, not listed. */
const ERRORS_SHOWN = 200;

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

/**
 * What was evaluated.
 *
 * @param summary The evaluation.
 * @returns The header of the page.
 */
export function header(summary: Summary): Markup {
  const facts = definitions([
    ["Model", summary.model],
    ["Images", summary.images.toLocaleString("en")],
    ["Without a score", summary.errors.toLocaleString("en")],
    ["Categories", `${Object.keys(summary.categories).length}`],
    ["Smoothing", summary.smooth === 0 ? "none" : `sigma ${summary.smooth}`],
    ["Time", `${summary.seconds.toFixed(1)} s`],
  ]);
  const sections = [
    ["metrics", "Metrics"],
    ["categories", "Curves"],
    ["gallery", "Gallery"],
    ...(summary.errors === 0 ? [] : [["errors", "Without a score"]]),
    ["reading", "How to read this page"],
  ];
  const links = sections.map(([id, name]) =>
    html`<a href="#${id!}">${name!}</a>`
  );
  return html`
    <header>
      <p class="eyebrow">Zero-shot anomaly detection · MFP-CLIP</p>
      <h1>${summary.data}</h1>
      <dl class="facts">${facts}</dl>
      <nav aria-label="Sections">${links}</nav>
    </header>
  `;
}

/**
 * The images that have no score, with the reasons.
 *
 * @param rows All rows of the evaluation.
 * @returns A section; null where every image has a score.
 */
export function errorSection(rows: readonly ScoreRow[]): Markup | null {
  const failed = rows.filter(({ error }) => error !== null);
  if (failed.length === 0) return null;
  const listed = failed.slice(0, ERRORS_SHOWN).map(({ key, error }) =>
    html`<li><code>${key}</code><span>${error}</span></li>`
  );
  const more = failed.length - listed.length;
  const lead = failed.length === 1
    ? "One image could not be scored and took no part in any metric."
    : `${
      failed.length.toLocaleString("en")
    } images could not be scored and took no part in any metric.`;
  const rest = `And ${
    more.toLocaleString("en")
  } more, which scores.parquet holds.`;
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

const GLOSSARY: readonly (readonly [name: string, text: string | Markup])[] = [
  [
    "S",
    html`
      The image score: the maximum of the refined anomaly map, 0 to 1.
      <b>S is not comparable across categories.</b> <code>score_logit</code> is
      log S − log(1 − S), which ranks alike and does not saturate.
    `,
  ],
  [
    "Threshold",
    "The score_logit of highest F1, for each category its own. It is chosen on these very labels, so the decisions shown are the best that one threshold can do.",
  ],
  [
    "I-AUROC, I-AP, I-F1max",
    "Image level: area under the ROC curve, average precision and highest F1 of the image score.",
  ],
  [
    "P-AUROC, P-AP, P-F1max",
    "Pixel level: the same of the anomaly map against the ground-truth masks, at model resolution.",
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
      <dl class="glossary">${definitions(GLOSSARY)}</dl>
      ${promptList(summary)}
    </section>
  `;
}
