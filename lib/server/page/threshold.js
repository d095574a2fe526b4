/**
 * The slider of the threshold, and what it makes of the good images.
 *
 * @module
 */
import { byId } from "./common.js";
import { effectOf, judgement } from "./judgement.js";

/** How far the slider goes beyond the lowest and the highest logit. */
const MARGIN = 0.1;

const STRIP_WIDTH = 1000;
const STRIP_HEIGHT = 22;

/** A probability is easier to read than a logit. */
function shownOf(logit) {
  return (1 / (1 + Math.exp(-logit))).toFixed(3);
}

/** A tick for each score between both ends of the slider. */
function ticks(scores, kind, { low, high, top }) {
  const strip = byId("threshold-strip");
  return scores.map((score) => {
    const line = document.createElementNS(strip.namespaceURI, "line");
    const x = (score - low) / (high - low) * STRIP_WIDTH;
    line.setAttribute("x1", x);
    line.setAttribute("x2", x);
    line.setAttribute("y1", top);
    line.setAttribute("y2", top + STRIP_HEIGHT / 2 - 1);
    line.setAttribute("class", kind);
    return line;
  });
}

function paintStrip(parts, { low, high }) {
  const strip = byId("threshold-strip");
  const good = judgement.profile?.calibration.good_scores;
  const isShown = good !== undefined;
  strip.toggleAttribute("hidden", !isShown);
  byId("strip-key").hidden = !isShown;
  if (!isShown) return;
  strip.replaceChildren(
    ...ticks(good, "good-image", { low, high, top: 0 }),
    ...ticks(parts, "part", { low, high, top: STRIP_HEIGHT / 2 }),
  );
}

/**
 * Lets the slider reach from all images good to all defective. Before it is
 * moved it stands at the calibrated threshold, or at the end.
 *
 * @param {number[]} logits Scores of the images that are done.
 * @param {number | undefined} calibrated The threshold of the server.
 */
export function paintThreshold(logits, calibrated) {
  const slider = byId("threshold");
  const { moved, profile } = judgement;
  const good = profile?.calibration.good_scores ?? [];
  const chosen = moved ?? profile?.calibration.threshold ?? calibrated;
  const all = [...logits, ...good, ...chosen === undefined ? [] : [chosen]];
  slider.disabled = logits.length === 0;
  if (logits.length === 0) return;
  const low = all.reduce((a, b) => Math.min(a, b)) - MARGIN;
  const high = all.reduce((a, b) => Math.max(a, b)) + MARGIN;
  slider.min = low;
  slider.max = high;
  slider.value = chosen ?? high;
  byId("threshold-value").textContent = chosen === undefined
    ? "none"
    : shownOf(chosen);
  byId("threshold-effect").textContent = chosen === undefined
    ? ""
    : effectOf(chosen);
  byId("threshold-reset").hidden = moved === undefined;
  paintStrip(logits, { low, high });
}
