/**
 * Shows what was seen in one image.
 *
 * @module
 */
import { byId } from "./common.js";
import { judgement } from "./judgement.js";

let photoAddress = "";

/** Small images are shown larger, and high ones no higher than the window. */
const LEAST_WIDTH = 420;
const MOST_HEIGHT = 560;

/** Gives the frame the shape of the image as the server turned it. */
function shapeFrame(frame, { width, height }) {
  const most = Math.min(
    Math.max(width, LEAST_WIDTH),
    MOST_HEIGHT * width / height,
  );
  frame.style.width = `min(100%, ${most}px)`;
  frame.style.aspectRatio = `${width} / ${height}`;
}

/**
 * Shows the photograph below its map; alone the map, where the browser does
 * not show the file or turns it in another way than the server.
 */
async function showPhoto(file, answer) {
  URL.revokeObjectURL(photoAddress);
  photoAddress = URL.createObjectURL(file);
  const photo = byId("photo");
  const frame = byId("frame");
  shapeFrame(frame, answer);
  photo.src = photoAddress;
  let isSeen = false;
  try {
    await photo.decode();
    isSeen = photo.naturalWidth === answer.width &&
      photo.naturalHeight === answer.height;
  } catch {
    // Browsers do not show TIFF.
  }
  frame.classList.toggle("unseen", !isSeen);
}

function showRegions({ regions, width, height }) {
  const outlines = byId("outlines");
  outlines.setAttribute("viewBox", `0 0 ${width} ${height}`);
  outlines.replaceChildren(...(regions ?? []).map((region) => {
    const { polygon, below_threshold: isWeak = false } = region;
    const shape = document.createElementNS(outlines.namespaceURI, "polygon");
    shape.setAttribute(
      "points",
      polygon.map((point) => point.join()).join(" "),
    );
    shape.classList.toggle("weak", isWeak);
    return shape;
  }));
}

/** Says how many are meant: 1 region, 2 regions. */
export function countOf(count, one) {
  return `${count} ${one}${count === 1 ? "" : "s"}`;
}

/** Whether an image is good, as a badge says it; undefined where none knows. */
export function verdictOf(answer) {
  if (typeof answer?.is_anomalous !== "boolean") return undefined;
  return answer.is_anomalous ? ["Defective", "bad"] : ["Good", "good"];
}

function showVerdict(answer) {
  const verdict = verdictOf(answer);
  const line = byId("verdict");
  line.hidden = verdict === undefined;
  if (verdict === undefined) return;
  const { regions, confidence } = answer;
  const parts = [verdict[0]];
  if (regions?.[0]?.below_threshold) {
    parts.push("no region reaches the threshold, dashed: the highest place");
  } else if (regions?.length > 0) {
    parts.push(countOf(regions.length, "region"));
  }
  if (typeof confidence === "number") {
    parts.push(`${(confidence * 100).toFixed(1)} % of good images score lower`);
  }
  line.textContent = parts.join(" · ");
  line.className = `verdict badge ${verdict[1]}`;
}

/**
 * Shows an image, its map and its scores.
 *
 * @param {File} file The image.
 * @param {object} answer What the server answered.
 * @param {() => boolean} isWanted Whether it is still to be shown.
 */
export async function showResult(file, answer, isWanted) {
  await showPhoto(file, answer);
  if (!isWanted()) return;
  const { decode, queue, session } = answer.milliseconds;
  byId("heat").src = `data:image/png;base64,${answer.heatmap}`;
  byId("result-name").textContent = `${file.name} · ${answer.category}`;
  byId("score").textContent = answer.score.toFixed(3);
  byId("logit").textContent = answer.score_logit.toFixed(2)
    .replace("-", "\u2212");
  byId("size").textContent = `${answer.width} × ${answer.height}`;
  byId("time").textContent = `${Math.round(decode + queue + session)} ms`;
  const { warnings = [] } = answer;
  byId("warnings").textContent = warnings.map((text) => `Note: ${text}.`)
    .join(" ");
  byId("warnings").hidden = warnings.length === 0;
  // Colours of a profile are centred on its threshold.
  const isCentred = judgement.profile !== undefined;
  byId("scale-low").textContent = isCentred ? "as good parts" : "0 normal";
  byId("scale-high").textContent = isCentred ? "far from them" : "1 anomalous";
  showRegions(answer);
  showVerdict(answer);
  byId("result").hidden = false;
}
