/**
 * Looks at images that are dropped, chosen or pasted.
 *
 * @module
 */
import { byId, showMessage } from "./common.js";
import { bytesText, takesFiles, unpacked } from "./drop.js";
import { onProfileChange } from "./good.js";
import { MAX_IMAGES, Queue } from "./queue.js";
import { countOf, showResult } from "./result.js";

const message = byId("score-message");

const queue = new Queue(async (item) => {
  byId("result").hidden = true;
  if (item.state === "failed") return showMessage(message, item.error, true);
  if (item.state !== "done") {
    return showMessage(message, "Looking at the image …");
  }
  showMessage(message, "");
  await showResult(
    item.file,
    item.answer,
    () => queue.isChosen(item) && item.state === "done",
  );
});

async function takeFiles(files) {
  if (files.length === 0) return;
  queue.take([]);
  byId("result").hidden = true;
  byId("score-button").disabled = true;
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  byId("drop-title").textContent = files.length === 1
    ? files[0].name || "Pasted image"
    : countOf(files.length, "file");
  byId("drop-note").textContent = `${bytesText(bytes)}, choose others`;
  try {
    queue.take(await unpacked(files, MAX_IMAGES));
    byId("score-button").disabled = false;
    await score();
  } catch (error) {
    showMessage(message, error.message, true);
  }
}

async function score() {
  const category = byId("category").value.trim();
  if (queue.isEmpty) return;
  if (category === "") {
    byId("category").focus();
    return showMessage(message, "Say first what the image shows.", true);
  }
  await queue.run(category);
}

byId("score-form").addEventListener("submit", (event) => {
  event.preventDefault();
  score();
});

// What was scored as one product says nothing of another.
byId("category").addEventListener("input", () => {
  if (queue.isEmpty) return;
  queue.stop();
  byId("result").hidden = true;
  showMessage(message, "The product is another one now: press the button.");
});

takesFiles(byId("drop"), byId("file"), takeFiles);

/** A profile says what images show, and what was scored without it is over. */
onProfileChange((profile) => {
  const field = byId("category");
  field.disabled = profile !== undefined;
  if (profile !== undefined) field.value = profile.category;
  byId("category-help").hidden = profile !== undefined;
  byId("category-known").hidden = profile === undefined;
  if (queue.isEmpty) return;
  queue.stop();
  byId("result").hidden = true;
  showMessage(message, "");
  score();
});

// A file that misses its place must not replace the page.
for (const name of ["dragover", "drop"]) {
  addEventListener(name, (event) => event.preventDefault());
}

addEventListener("paste", (event) => {
  takeFiles([...event.clipboardData.files]);
});

/** The slider tells of each step; the server is asked when it rests. */
const REST_MILLISECONDS = 300;
let resting;

function judgeFrom(threshold) {
  queue.judgeFrom(threshold);
  clearTimeout(resting);
  resting = setTimeout(() => queue.refresh(), REST_MILLISECONDS);
}

byId("threshold").addEventListener("input", ({ target }) => {
  judgeFrom(Number(target.value));
});

byId("threshold-reset").addEventListener("click", () => {
  judgeFrom(undefined);
  byId("threshold").focus();
});

byId("opacity").addEventListener("input", ({ target }) => {
  byId("opacity-value").textContent = `${target.value} %`;
  document.documentElement.style.setProperty("--heat", target.value / 100);
});
