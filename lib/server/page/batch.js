/**
 * Starts a batch and follows it.
 *
 * @module
 */
import { ask, byId, showBadge, showMessage, tokenField } from "./common.js";

const STATES = {
  queued: ["Waits", "busy"],
  planning: ["Lists the images", "busy"],
  running: ["Looks at the images", "busy"],
  merging: ["Writes the report", "busy"],
  succeeded: ["Done", "good"],
  failed: ["Failed", "bad"],
  cancelled: ["Cancelled", "bad"],
};

const FIGURE_NAMES = {
  i_auroc: "I-AUROC",
  p_auroc: "P-AUROC",
  aupro: "AUPRO",
};

let watched = null;

function timeLeft(seconds) {
  if (seconds < 90) return `${Math.ceil(seconds)} s left`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min left`;
  return `${(seconds / 3600).toFixed(1)} h left`;
}

function countText({ done, total, errors, seconds_left: left, error }) {
  if (error !== null) return error;
  if (total === 0) return "";
  const parts = [
    `${done.toLocaleString("en")} of ${total.toLocaleString("en")} images`,
  ];
  if (errors > 0) parts.push(`${errors.toLocaleString("en")} without a score`);
  if (left !== null) parts.push(timeLeft(left));
  return parts.join(" · ");
}

function showFigures(figures) {
  const shown = Object.entries(FIGURE_NAMES)
    .filter(([name]) => typeof figures?.[name] === "number");
  const list = byId("batch-figures");
  list.hidden = shown.length === 0;
  list.replaceChildren(...shown.map(([name, title]) => {
    const row = document.createElement("div");
    const term = document.createElement("dt");
    const value = document.createElement("dd");
    term.textContent = title;
    value.textContent = `${(figures[name] * 100).toFixed(1)} %`;
    row.append(term, value);
    return row;
  }));
}

function showBatch(batch) {
  const { state, total, done, links } = batch;
  const isOver = ["succeeded", "failed", "cancelled"].includes(state);
  byId("batch").hidden = false;
  byId("batch-title").textContent = batch.input;
  showBadge(byId("batch-state"), ...STATES[state]);
  const bar = byId("batch-bar");
  bar.hidden = isOver && state !== "succeeded";
  bar.max = Math.max(total, 1);
  if (total > 0 || isOver) bar.value = state === "succeeded" ? bar.max : done;
  else bar.removeAttribute("value");
  showMessage(byId("batch-count"), countText(batch), state === "failed");
  showFigures(batch.figures);
  byId("batch-cancel").hidden = isOver;
  byId("batch-report").hidden = links.report === null;
  if (links.report !== null) byId("batch-report").href = links.report;
  return isOver;
}

/** Yields the data of server-sent events. */
async function* eventsOf(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    text += value;
    const events = text.split("\n\n");
    text = events.pop();
    for (const event of events) {
      const data = event.split("\n").filter((line) => line.startsWith("data:"))
        .map((line) => line.slice(5).trim()).join("\n");
      if (data !== "") yield JSON.parse(data);
    }
  }
}

/** Follows a batch to its end, also over a server that restarts. */
async function watch(address) {
  watched = address;
  while (watched === address) {
    try {
      const response = await ask(`${address}/events`);
      showMessage(byId("batch-message"), "");
      for await (const batch of eventsOf(response)) {
        if (watched !== address) return;
        if (showBatch(batch)) return;
      }
    } catch (error) {
      showMessage(byId("batch-message"), error.message, true);
      if (byId("batch").hidden) return;
    }
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

/** A path of the server's own machine is an address too. */
function addressOf(text) {
  const trimmed = text.trim();
  return trimmed.startsWith("/")
    ? new URL(`file://${encodeURI(trimmed)}`).href
    : trimmed;
}

function showPlaces(id, places) {
  byId(id).replaceChildren(...places.map((place) => new Option(place, place)));
  byId(`${id}-text`).textContent = places.join(", ");
  byId(id).parentElement.hidden = places.length === 0;
}

/** Lists what the server may read and write, once a token is right. */
async function listPlaces() {
  try {
    const { input, output } = await (await ask("/v1/places")).json();
    showPlaces("input-places", input);
    showPlaces("output-places", output);
  } catch {
    // Without a token nothing is listed; starting a batch says what is missing.
  }
}

async function start() {
  const button = byId("batch-button");
  const message = byId("batch-message");
  const options = {};
  const object = byId("batch-object").value.trim();
  const limit = Number(byId("batch-limit").value);
  if (object !== "") options.object = object;
  if (limit > 0) options.limit = limit;
  showMessage(message, "");
  button.disabled = true;
  try {
    const response = await ask("/v1/batches", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({
        input: addressOf(byId("input").value),
        output: addressOf(byId("output").value),
        options,
      }),
    });
    const batch = await response.json();
    // The address remembers the batch, so that one may come back to it.
    location.hash = `batch=${batch.id}`;
    showBatch(batch);
    watch(batch.links.self);
  } catch (error) {
    showMessage(message, error.message, true);
  } finally {
    button.disabled = false;
  }
}

/** A new window cannot send the token, so it is given the page itself. */
async function openReport(event) {
  if (!tokenField?.value) return;
  event.preventDefault();
  const opened = open("", "_blank");
  try {
    const page = await (await ask(event.target.href)).blob();
    opened.location = URL.createObjectURL(page);
  } catch (error) {
    opened.close();
    showMessage(byId("batch-message"), error.message, true);
  }
}

if (byId("batch-form") !== null) {
  byId("batch-form").addEventListener("submit", (event) => {
    event.preventDefault();
    start();
  });
  byId("batch-report").addEventListener("click", openReport);
  byId("batch-cancel").addEventListener("click", () => {
    ask(watched, { method: "DELETE" }).catch((error) =>
      showMessage(byId("batch-message"), error.message, true)
    );
  });
  listPlaces();
  tokenField?.addEventListener("change", listPlaces);
  const [, id] = /^#batch=([\w-]+)$/.exec(location.hash) ?? [];
  if (id !== undefined) watch(`/v1/batches/${id}`);
}
