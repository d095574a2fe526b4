/**
 * The verdicts of a report: how many images look defective, and all of them.
 *
 * @module
 */
import type { RowDigest } from "../results/row_digest.ts";
import type { ScoreRow, Summary } from "../results/summary.ts";
import { formatLogit } from "./format.ts";
import { html, type Markup } from "./markup.ts";
import { verdictLine } from "./verdict_lines.ts";

function categoryFacts([name, { verdicts }]: [
  string,
  Summary["categories"][string],
]): Markup | null {
  if (verdicts === undefined) return null;
  const { anomalous, judged, threshold, confusion } = verdicts;
  const right = confusion === undefined ? null : html`
    <small>${confusion.true_positives} defective found,
      ${confusion.false_negatives} missed; ${confusion.true_negatives} good left
      alone, ${confusion.false_positives} false alarms</small>
  `;
  return html`
    <li><b>${name}</b> ${anomalous} of ${judged}
      <small>threshold ${formatLogit(threshold)}</small> ${right}</li>
  `;
}

/**
 * How many images look defective, in large type, and of which category.
 *
 * @param summary The evaluation.
 * @returns A section, or null where no category has a threshold.
 */
export function verdictHeadline(summary: Summary): Markup | null {
  const { verdicts, categories } = summary;
  if (verdicts === undefined) return null;
  const facts = Object.entries(categories).map(categoryFacts);
  return html`
    <section class="verdicts" aria-label="Verdicts">
      <p class="count">${verdictLine(verdicts)}</p>
      <ul>${facts}</ul>
    </section>
  `;
}

function verdictText({ is_anomalous, error }: ScoreRow): string {
  if (error !== null) return "no score";
  if (is_anomalous === null || is_anomalous === undefined) return "–";
  return is_anomalous ? "looks defective" : "looks good";
}

function rowOf(row: ScoreRow, href: string | undefined): Markup {
  const { key, category, score, score_logit } = row;
  const kind = row.is_anomalous ? "bad" : "";
  return html`
    <tr>
      <th scope="row">${href === undefined
        ? key
        : html`<a href="${href}">${key}</a>`}</th>
      <td>${category}</td>
      <td class="${kind}">${verdictText(row)}</td>
      <td>${score === null ? "–" : score.toFixed(3)}</td>
      <td>${score_logit === null ? "–" : formatLogit(score_logit)}</td>
    </tr>
  `;
}

/**
 * The list of all images, the highest scores first; it is folded.
 *
 * @param digest What is to be said of the rows.
 * @param options Where their files are.
 * @returns A section, or null without rows.
 */
export function rowTable(
  { images, highest: listed }: RowDigest,
  { linkOf }: {
    readonly linkOf?: (key: string) => string | undefined;
  },
): Markup | null {
  if (images === 0) return null;
  const more = images - listed.length;
  const rest = html`
    <p class="note">And ${more.toLocaleString(
      "en",
    )} more, in scores.parquet.</p>
  `;
  return html`
    <section id="images">
      <h2>All images</h2>
      <details>
        <summary>${images.toLocaleString("en")} images, the highest scores
          first</summary>
        <div class="wide">
          <table class="rows">
            <thead><tr><th scope="col">Image</th><th scope="col">Category</th>
              <th scope="col">Verdict</th><th scope="col">S</th>
              <th scope="col">score_logit</th></tr></thead>
            <tbody>${listed.map((row) => rowOf(row, linkOf?.(row.key)))}</tbody>
          </table>
        </div>
        ${more === 0 ? null : rest}
      </details>
    </section>
  `;
}
