/**
 * The gallery of a report.
 *
 * @module
 */
import type { HeatColours } from "../results/heat_colours.ts";
import { countWrong, type Decision } from "../results/decision.ts";
import { formatLogit } from "./format.ts";
import type { DecidedItem, Gallery } from "../results/gallery.ts";
import type { Detail } from "./html_curves.ts";
import { type Filters, filtersOf, scale, toolbar } from "./html_toolbar.ts";
import { html, Markup, type Piece } from "./markup.ts";

const VERDICTS: Readonly<Record<Decision, string>> = {
  correct: "Correct",
  missed: "Missed",
  "false alarm": "False alarm",
};

function picture(bytes: Uint8Array, alt: string): Markup {
  const type = bytes[0] === 0xff ? "jpeg" : "png";
  const uri = new Markup(`data:image/${type};base64,${bytes.toBase64()}`);
  return html`<img src="${uri}" alt="${alt}" decoding="async">`;
}

function pane(kind: string, content: Markup): Markup {
  return html`<span class="pane ${kind}">${content}</span>`;
}

function maskPane({ mask, label }: DecidedItem): Markup | null {
  if (mask !== null) {
    return pane("mask", picture(mask, "Ground-truth mask"));
  }
  if (label === null) return null;
  return pane("mask", html`<em>${label === 0 ? "no defect" : "no mask"}</em>`);
}

/** Whether regions only tell where the map is highest. */
function isWeak(regions: DecidedItem["regions"]): boolean {
  return regions?.some(({ below_threshold }) => below_threshold) ?? false;
}

/** What is said of an image whose regions reach no threshold. */
function weakNote({ regions }: DecidedItem): Markup | null {
  if (!isWeak(regions)) return null;
  return html`<p class="key">No part reaches the pixel threshold; dashed: where
    the map is highest</p>`;
}

/** The regions of an image as lines over its picture. */
function outlines({ regions, width, height }: DecidedItem): Markup | null {
  if (!regions?.length || width === undefined || height === undefined) {
    return null;
  }
  const kind = isWeak(regions) ? "weak" : "";
  const lines = regions.map(({ polygon }) =>
    html`
      <polygon class="${kind}"
        points="${polygon.map((point) => point.join()).join(" ")}" />
    `
  );
  return html`
    <svg class="regions" viewBox="0 0 ${width} ${height}"
      aria-hidden="true">${lines}</svg>
  `;
}

function panes(item: DecidedItem): Piece[] {
  const photo = picture(item.image, `Image ${item.key}`);
  return [
    pane("image", html`${photo}${outlines(item)}`),
    maskPane(item),
    pane("heat", picture(item.heatmap, "Anomaly map")),
  ];
}

/** What the detector says; for images with labels the decision says it. */
function calledTag({ is_anomalous, confidence }: DecidedItem): Markup | null {
  if (is_anomalous === null || is_anomalous === undefined) return null;
  const sure = typeof confidence === "number"
    ? `${(100 * confidence).toFixed(1)} % of good images score lower`
    : "";
  return is_anomalous
    ? html`<span class="called bad" title="${sure}">Looks defective</span>`
    : html`<span class="called good" title="${sure}">Looks good</span>`;
}

function labelTag(label: DecidedItem["label"]): Markup | null {
  if (label === null) return null;
  return label === 1
    ? html`<span class="tag bad">Defective</span>`
    : html`<span class="tag good">Good</span>`;
}

function verdictTag(decision: Decision | null): Markup | null {
  if (decision === null) return null;
  const kind = decision === "correct" ? "correct" : "wrong";
  return html`<span class="verdict ${kind}">${VERDICTS[decision]}</span>`;
}

function tile(item: DecidedItem, href: string | undefined): Markup {
  const { key, label, score, score_logit, decision } = item;
  const called = item.is_anomalous ?? null;
  const verdict = called === null ? "none" : called ? "bad" : "good";
  const wrong = decision === null || decision === "correct" ? "no" : "yes";
  const logit = html`<small>${formatLogit(score_logit)}</small>`;
  return html`
    <li class="tile" data-label="${label ?? "none"}" data-wrong="${wrong}"
      data-verdict="${verdict}" data-score="${score_logit}" data-key="${key}">
      <button type="button" class="strip" disabled>${panes(item)}</button>
      <div class="about">
        ${calledTag(item)} ${labelTag(label)} ${verdictTag(decision)}
        <span class="score">S ${score.toFixed(3)} ${logit}</span>
      </div>
      <p class="key">${href === undefined
        ? key
        : html`<a href="${href}">${key}</a>`}</p>
      ${weakNote(item)}
    </li>
  `;
}

function groupNote(detail: Detail, shown: number): string {
  const { good, defective, unlabelled } = detail.scores;
  const total = good.length + defective.length + unlabelled.length;
  const images = shown === total
    ? `all ${total} images`
    : `${shown} of ${total} images`;
  if (detail.threshold === null) return images;
  const { missed, falseAlarms } = countWrong(detail.scores, detail.threshold);
  const hasLabels = good.length + defective.length > 0;
  return [
    images,
    `threshold ${formatLogit(detail.threshold)}`,
    ...hasLabels ? [`${missed + falseAlarms} wrong`] : [],
  ].join(" · ");
}

function group(
  detail: Detail,
  { gallery, linkOf }: GalleryContent,
): Markup | null {
  const { category, threshold } = detail;
  const items = gallery.items(category, threshold);
  if (items.length === 0) return null;
  return html`
    <section class="group" data-category="${category}">
      <h3>${category} <small>${groupNote(detail, items.length)}</small></h3>
      <ul class="tiles">${items.map((item) =>
        tile(item, linkOf?.(item.key))
      )}</ul>
      <button type="button" class="more" hidden></button>
    </section>
  `;
}

/** What {@linkcode gallerySection} shows. */
export interface GalleryContent {
  /** The images. */
  readonly gallery: Gallery;
  /** The colours of categories that have none of their own. */
  readonly colours: HeatColours;
  /** Address of an image's file, for a link. */
  readonly linkOf?: (key: string) => string | undefined;
}

function lead(
  details: readonly Detail[],
  { gallery }: GalleryContent,
  { hasLabels }: Filters,
): string {
  const shown = hasLabels
    ? "Each image with its ground-truth mask and anomaly map, its score S and " +
      "its score_logit."
    : "Each image with its anomaly map, its score S and its score_logit.";
  const order = hasLabels
    ? "Wrong decisions come first, then the highest scores."
    : "The highest scores come first.";
  const perLabel = gallery.perLabel.toLocaleString("en");
  const isAll = details.every(({ scores: { good, defective, unlabelled } }) =>
    [good, defective, unlabelled].every(({ length }) =>
      length <= gallery.perLabel
    )
  );
  const choice = isAll
    ? ""
    : `The gallery has at most ${perLabel} images per category and label: ` +
      `those with the highest and those with the lowest scores. `;
  return `${shown} ${choice}${order} An image is called defective if its score_logit reaches the threshold of ` +
    `its category. Scores of different categories cannot be compared.`;
}

/**
 * The gallery: by category, wrong decisions first.
 *
 * @param details The categories.
 * @param content The images, and the colours of heatmaps.
 * @returns A section.
 */
export function gallerySection(
  details: readonly Detail[],
  content: GalleryContent,
): Markup {
  const filters = filtersOf(details);
  return html`
    <section id="gallery">
      <h2>Gallery</h2>
      <p class="lead">${lead(details, content, filters)}</p>
      ${scale(details, content.colours)}
      ${toolbar(details, filters)}
      ${details.map((detail) => group(detail, content))}
      <p id="nothing" class="note" hidden>No image matches.</p>
    </section>
  `;
}

/**
 * The dialog that shows one image in large.
 *
 * @returns A closed dialog.
 */
export function lightbox(): Markup {
  return html`
    <dialog id="lightbox" aria-label="Image, mask and anomaly map">
      <div class="bar">
        <button type="button" id="previous" aria-label="Previous image">←</button>
        <button type="button" id="next" aria-label="Next image">→</button>
        <span id="position"></span>
        <button type="button" id="close" aria-label="Close">✕</button>
      </div>
      <div id="enlarged"></div>
    </dialog>
  `;
}
