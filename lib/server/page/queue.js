/**
 * The images that were dropped: scored one after the other, and listed.
 *
 * @module
 */
import { ask, byId } from "./common.js";
import { judgement, queryOf } from "./judgement.js";
import { countOf, verdictOf } from "./result.js";
import { paintThreshold } from "./threshold.js";

/** Requests at a time: one is decoded while another is looked at. */
const WIDTH = 2;
/** A list of more would make the page slow; batches are for these. */
export const MAX_IMAGES = 500;
const WAIT_MILLISECONDS = 2000;
const ATTEMPTS = 5;

/**
 * Asks for the scores of an image, again where the server is busy.
 *
 * @param {File} file The image.
 * @param {string} category What it shows, unless a profile says it.
 * @param {AbortSignal} signal Ends the wait.
 * @returns {Promise<object>} The answer.
 */
async function scoresOf(file, category, signal) {
  const query = queryOf(category);
  for (let attempt = 1;; attempt++) {
    try {
      const response = await ask(`/v1/score?${query}`, {
        method: "POST",
        headers: { "Content-Type": "application/octet-stream" },
        body: file,
        signal,
      });
      return await response.json();
    } catch (error) {
      const isBusy = error.status === 429 || error.status === 503;
      if (!isBusy || attempt === ATTEMPTS) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, WAIT_MILLISECONDS));
    signal.throwIfAborted();
  }
}

/** The state of an image, in words. */
function stateOf({ state, answer, error }) {
  if (state === "done") {
    return [
      ...verdictOf(answer) ?? ["", ""],
      answer.score.toFixed(3),
    ];
  }
  if (state === "failed") return [error, "bad", "no score"];
  return [state === "busy" ? "Looks at it" : "Waits", "busy", ""];
}

function element(name, className, text = "") {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

function paint(item, isChosen) {
  const [text, kind, score] = stateOf(item);
  item.row.classList.toggle("chosen", isChosen);
  item.row.setAttribute("aria-current", `${isChosen}`);
  item.badge.textContent = text;
  item.badge.className = `badge ${kind}`;
  item.badge.hidden = text === "";
  item.value.textContent = score;
}

function makeItem(name, read, onChoose) {
  const row = element("button", "row");
  row.type = "button";
  const badge = element("span", "badge");
  const value = element("span", "value");
  row.append(element("span", "name", name), badge, value);
  const item = { name, read, row, badge, value, state: "waiting" };
  row.addEventListener("click", () => onChoose(item));
  return item;
}

/** Tells how many are done, and how many of them are not good. */
function summaryOf(items) {
  const done = items.filter(({ state }) => state === "done");
  const failed = items.filter(({ state }) => state === "failed");
  const judged = done.filter(({ answer }) => verdictOf(answer) !== undefined);
  const bad = judged.filter(({ answer }) => answer.is_anomalous);
  const parts = [];
  if (judged.length > 0) {
    parts.push(`${bad.length} of ${judged.length} look defective`);
  }
  if (done.length + failed.length < items.length || judged.length === 0) {
    parts.push(`${done.length} of ${countOf(items.length, "image")} scored`);
  }
  if (failed.length > 0) parts.push(`${failed.length} without a score`);
  return parts.join(" · ");
}

/** Images to be looked at, the most anomalous first once all are done. */
export class Queue {
  #items = [];
  #chosen;
  #asking = new AbortController();
  #onShow;
  #category = "";
  /** The threshold of the server, where it has one. */
  #calibrated;

  /** @param {(item: object) => void} onShow Told of the image to be shown. */
  constructor(onShow) {
    this.#onShow = onShow;
  }

  get isEmpty() {
    return this.#items.length === 0;
  }

  /** Whether an image is the one to be shown. */
  isChosen(item) {
    return this.#chosen === item;
  }

  /** Takes images in place of those before. */
  take(images) {
    this.stop();
    this.#items = images.map(({ name, read }) =>
      makeItem(name, read, (item) => this.#choose(item))
    );
    this.#chosen = this.#items[0];
    byId("list").replaceChildren(...this.#items.map(({ row }) => row));
    this.#paint();
  }

  /** Forgets all scores, and ends what runs. */
  stop() {
    this.#asking.abort();
    for (const item of this.#items) item.state = "waiting";
    this.#paint();
  }

  /**
   * Calls images defective from this logit on; undefined for what the server
   * says.
   */
  judgeFrom(threshold) {
    judgement.moved = threshold;
    for (const item of this.#items) this.#judge(item);
    this.#paint();
    if (this.#chosen !== undefined) this.#onShow(this.#chosen);
  }

  /** The threshold that images are judged by. */
  get #threshold() {
    return judgement.moved ?? judgement.profile?.calibration.threshold ??
      this.#calibrated;
  }

  #judge({ state, answer }) {
    if (this.#threshold === undefined || state !== "done") return;
    answer.is_anomalous = answer.score_logit >= this.#threshold;
  }

  /** Outlines depend on the threshold, so the image that is shown is asked for again. */
  async refresh() {
    const item = this.#chosen;
    const threshold = this.#threshold;
    const { signal } = this.#asking;
    const isStale = item?.state === "done" &&
      item.answer.threshold !== threshold;
    if (!isStale || threshold === undefined) return;
    try {
      const answer = await scoresOf(item.file, this.#category, signal);
      if (signal.aborted || this.#threshold !== threshold) return;
      item.answer = answer;
    } catch {
      // What was seen before stays.
      return;
    }
    if (item === this.#chosen) this.#onShow(item);
  }

  /** Looks at all images. */
  async run(category) {
    this.stop();
    if (judgement.profile === undefined) judgement.moved = undefined;
    this.#calibrated = undefined;
    this.#category = category;
    const { signal } = this.#asking = new AbortController();
    const waiting = [...this.#items];
    const work = async () => {
      for (let item; (item = waiting.shift()) !== undefined;) {
        await this.#score(item, category, signal);
        if (signal.aborted) return;
      }
    };
    if (this.#chosen !== undefined) this.#onShow(this.#chosen);
    await Promise.all(Array.from({ length: WIDTH }, work));
    if (!signal.aborted) this.#sort();
  }

  async #score(item, category, signal) {
    item.state = "busy";
    this.#paint();
    try {
      item.file = await item.read();
      item.answer = await scoresOf(item.file, category, signal);
      if (signal.aborted) return;
      item.state = "done";
      if (judgement.moved === undefined) {
        this.#calibrated ??= item.answer.threshold ?? undefined;
      }
      this.#judge(item);
    } catch (error) {
      if (signal.aborted) return;
      item.error = error.message;
      item.state = "failed";
    }
    this.#paint();
    if (item === this.#chosen) this.#onShow(item);
  }

  #choose(item) {
    this.#chosen = item;
    this.#paint();
    this.#onShow(item);
    this.refresh();
  }

  #sort() {
    const rank = ({ state, answer }) =>
      state === "done" ? answer.score_logit : Infinity;
    this.#items.sort((a, b) => rank(b) - rank(a) || 0);
    byId("list").replaceChildren(...this.#items.map(({ row }) => row));
  }

  #paint() {
    for (const item of this.#items) paint(item, item === this.#chosen);
    byId("list-count").textContent = summaryOf(this.#items);
    const least = judgement.profile === undefined ? 2 : 1;
    byId("list-part").hidden = this.#items.length < least;
    const done = this.#items.filter(({ state }) => state === "done");
    const logits = done.map(({ answer }) => answer.score_logit);
    paintThreshold(logits, this.#calibrated);
  }
}
