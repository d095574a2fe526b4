/**
 * What stands above the gallery of a report: colours, filters and orders.
 *
 * @module
 */
import { colourise } from "../image/colour_map.ts";
import type { HeatColours } from "../results/heat_colours.ts";
import { formatLogit } from "./format.ts";
import type { Detail } from "./html_curves.ts";
import { html, type Markup } from "./markup.ts";

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

/** What the images of a gallery have that they can be filtered by. */
export interface Filters {
  readonly hasLabels: boolean;
  readonly hasUnlabelled: boolean;
  readonly hasVerdicts: boolean;
}

/** What the images of some categories can be filtered by. */
export function filtersOf(details: readonly Detail[]): Filters {
  const { good, defective, unlabelled } = {
    good: details.some(({ scores }) => scores.good.length > 0),
    defective: details.some(({ scores }) => scores.defective.length > 0),
    unlabelled: details.some(({ scores }) => scores.unlabelled.length > 0),
  };
  return {
    hasLabels: good || defective,
    hasUnlabelled: unlabelled,
    hasVerdicts: details.some(({ summary }) => summary.verdicts !== undefined),
  };
}

const VERDICT_CHOICES: readonly Choice[] = [
  ["", "All"],
  ["bad", "Looks defective"],
  ["good", "Looks good"],
];

/** Filters and orders, which a script makes work. */
export function toolbar(
  details: readonly Detail[],
  { hasLabels, hasUnlabelled, hasVerdicts }: Filters,
): Markup {
  const categories = details
    .map(({ category }): Choice => [`=${category}`, category]);
  const labels: Choice[] = [
    ["", "All"],
    ["1", "Defective"],
    ["0", "Good"],
    ...hasUnlabelled ? [["none", "No label"] as const] : [],
  ];
  const orders: Choice[] = [
    ...hasLabels ? [["wrong", "Wrong first"] as const] : [],
    ["high", "Highest score"],
    ["low", "Lowest score"],
    ["key", "Key"],
  ];
  return html`
    <form class="toolbar" id="toolbar" hidden>
      ${select("by-category", "Category", [["", "All"], ...categories])}
      ${hasVerdicts ? select("by-verdict", "Verdict", VERDICT_CHOICES) : null}
      ${hasLabels ? select("by-label", "Label", labels) : null}
      ${select("order", "Order", orders)}
      ${hasLabels
        ? html`
          <label class="check"><input type="checkbox" id="only-wrong"> Only
            wrong</label>
        `
        : null}
      <label class="range">Heatmap opacity
        <input type="range" id="opacity" min="0" max="100" value="65"></label>
      <p id="count" role="status"></p>
    </form>
  `;
}

/** What the colours of heatmaps stand for. */
export function scale(
  details: readonly Detail[],
  { scale, range }: HeatColours,
): Markup {
  const isCentred = details.some(({ summary: { verdicts } }) =>
    verdicts?.centred === true
  );
  const format = (value: number) =>
    scale === "map" ? `${value}` : formatLogit(value);
  const [low, high] = isCentred
    ? ["as good images", "far beyond"] as const
    : [format(range[0]), format(range[1])] as const;
  const text = isCentred
    ? "Anomaly map; the middle colour is the pixel threshold of the category"
    : scale === "map"
    ? "Anomaly map M, with the same colours for every image"
    : "Logit of the anomaly map, on a range that the first images of the run gave, with the same colours for every image";
  return html`
    <div class="scale">
      <span>${low}</span><i style="background: ${gradient()}"></i>
      <span>${high}</span>
      <p>${text}</p>
    </div>
  `;
}
