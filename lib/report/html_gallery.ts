/**
 * The gallery of a report.
 *
 * @module
 */
import { colourise } from "../image/colour_map.ts";
import { countWrong, type Decision } from "../results/decision.ts";
import { formatLogit } from "./format.ts";
import type { DecidedItem, Gallery } from "../results/gallery.ts";
import type { Detail } from "./html_curves.ts";
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

function panes(item: DecidedItem): Piece[] {
  return [
    pane("image", picture(item.image, `Image ${item.key}`)),
    maskPane(item),
    pane("heat", picture(item.heatmap, "Anomaly map")),
  ];
}

function labelTag(label: DecidedItem["label"]): Markup {
  if (label === null) return html`<span class="tag">No label</span>`;
  return label === 1
    ? html`<span class="tag bad">Defective</span>`
    : html`<span class="tag good">Good</span>`;
}

function verdictTag(decision: Decision | null): Markup | null {
  if (decision === null) return null;
  const kind = decision === "correct" ? "correct" : "wrong";
  return html`<span class="verdict ${kind}">${VERDICTS[decision]}</span>`;
}

function tile(item: DecidedItem): Markup {
  const { key, label, score, score_logit, decision } = item;
  const wrong = decision === null || decision === "correct" ? "no" : "yes";
  const logit = html`<small>${formatLogit(score_logit)}</small>`;
  return html`
    <li class="tile" data-label="${label ?? "none"}" data-wrong="${wrong}"
      data-score="${score_logit}" data-key="${key}">
      <button type="button" class="strip" disabled>${panes(item)}</button>
      <div class="about">
        ${labelTag(label)} ${verdictTag(decision)}
        <span class="score">S ${score.toFixed(3)} ${logit}</span>
      </div>
      <p class="key">${key}</p>
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
  return [
    images,
    `threshold ${formatLogit(detail.threshold)}`,
    `${missed + falseAlarms} wrong`,
  ].join(" · ");
}

function group(detail: Detail, gallery: Gallery): Markup | null {
  const { category, threshold } = detail;
  const items = gallery.items(category, threshold);
  if (items.length === 0) return null;
  return html`
    <section class="group" data-category="${category}">
      <h3>${category} <small>${groupNote(detail, items.length)}</small></h3>
      <ul class="tiles">${items.map(tile)}</ul>
      <button type="button" class="more" hidden></button>
    </section>
  `;
}

/** The colours of the heatmaps as a CSS gradient. */
function gradient(): string {
  const stops = Float32Array.from({ length: 17 }, (_, i) => i / 16);
  const { data } = colourise(stops, { width: 17, height: 1 }); // [1, 17, 3]
  const colours = Array.from(
    stops,
    (_, i) => `rgb(${data.subarray(3 * i, 3 * i + 3).join(" ")})`,
  );
  return `linear-gradient(to right, ${colours.join(", ")})`;
}

type Choice = readonly [value: string, text: string];

function select(id: string, name: string, choices: readonly Choice[]): Markup {
  const options = choices.map(([value, text], i) =>
    i === 0
      ? html`<option value="${value}" selected>${text}</option>`
      : html`<option value="${value}">${text}</option>`
  );
  return html`<label>${name} <select id="${id}">${options}</select></label>`;
}

function toolbar(details: readonly Detail[]): Markup {
  const categories = details
    .map(({ category }): Choice => [`=${category}`, category]);
  const labels: Choice[] = [["", "All"], ["1", "Defective"], ["0", "Good"]];
  const orders: Choice[] = [
    ["wrong", "Wrong first"],
    ["high", "Highest score"],
    ["low", "Lowest score"],
    ["key", "Key"],
  ];
  return html`
    <form class="toolbar" id="toolbar" hidden>
      ${select("by-category", "Category", [["", "All"], ...categories])}
      ${select("by-label", "Label", labels)}
      ${select("order", "Order", orders)}
      <label class="check"><input type="checkbox" id="only-wrong"> Only
        wrong</label>
      <label class="range">Heatmap opacity
        <input type="range" id="opacity" min="0" max="100" value="65"></label>
      <p id="count" role="status"></p>
    </form>
  `;
}

/**
 * The gallery: by category, wrong decisions first.
 *
 * @param details The categories.
 * @param options The images, and the range of colours of heatmaps.
 * @returns A section.
 */
export function gallerySection(
  details: readonly Detail[],
  options: {
    readonly gallery: Gallery;
    readonly heatRange: readonly [number, number];
  },
): Markup {
  const { gallery, heatRange: [low, high] } = options;
  return html`
    <section id="gallery">
      <h2>Gallery</h2>
      <p class="lead">Each image with its ground-truth mask and anomaly map, its
        score S and its score_logit. The gallery has at most ${gallery.perLabel}
        images per category and label: those with the highest and those with the
        lowest scores. Wrong decisions come first, then the highest scores. An
        image is called defective if its score_logit reaches the threshold of its
        category. Scores of different categories cannot be compared.</p>
      <div class="scale">
        <span>${low}</span><i style="background: ${gradient()}"></i>
        <span>${high}</span>
        <p>Anomaly map M, with the same colours for every image</p>
      </div>
      ${toolbar(details)} ${details.map((detail) => group(detail, gallery))}
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
