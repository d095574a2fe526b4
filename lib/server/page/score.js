/**
 * Looks at one image.
 *
 * @module
 */
import { ask, byId, showMessage } from "./common.js";

let file = null;
let asking = null;
let photoAddress = "";

function bytesText(size) {
  return size < 1e6
    ? `${Math.max(1, Math.round(size / 1e3))} kB`
    : `${(size / 1e6).toFixed(1)} MB`;
}

function takeFile(taken) {
  if (!taken) return;
  file = taken;
  byId("drop-title").textContent = file.name || "Pasted image";
  byId("drop-note").textContent = `${bytesText(file.size)}, choose another one`;
  byId("score-button").disabled = false;
  score();
}

async function showPhoto() {
  URL.revokeObjectURL(photoAddress);
  photoAddress = URL.createObjectURL(file);
  const photo = byId("photo");
  const view = photo.parentElement;
  view.classList.remove("unseen", "small");
  photo.src = photoAddress;
  try {
    await photo.decode();
    const { naturalWidth: width, naturalHeight: height } = photo;
    view.classList.toggle("small", width < 420 && height <= width * 1.3);
  } catch {
    // Browsers do not show TIFF: the heatmap then stands alone.
    view.classList.add("unseen");
  }
}

function showScores(answer) {
  const { decode, queue, session } = answer.milliseconds;
  byId("heat").src = `data:image/png;base64,${answer.heatmap}`;
  byId("score").textContent = answer.score.toFixed(3);
  byId("logit").textContent = answer.score_logit.toFixed(2)
    .replace("-", "\u2212");
  byId("size").textContent = `${answer.width} × ${answer.height}`;
  byId("time").textContent = `${Math.round(decode + queue + session)} ms`;
}

async function score() {
  const message = byId("score-message");
  const category = byId("category").value.trim();
  if (file === null) return;
  if (category === "") {
    byId("category").focus();
    return showMessage(message, "Say first what the image shows.", true);
  }
  asking?.abort();
  const mine = asking = new AbortController();
  byId("result").hidden = true;
  showMessage(message, "Looking at the image …");
  try {
    const query = new URLSearchParams({ category, heatmap: "true" });
    const response = await ask(`/v1/score?${query}`, {
      method: "POST",
      headers: { "Content-Type": "application/octet-stream" },
      body: file,
      signal: mine.signal,
    });
    const answer = await response.json();
    await showPhoto();
    if (mine !== asking) return;
    showScores(answer);
    showMessage(message, "");
    byId("result").hidden = false;
  } catch (error) {
    if (mine === asking && error.name !== "AbortError") {
      showMessage(message, error.message, true);
    }
  }
}

byId("score-form").addEventListener("submit", (event) => {
  event.preventDefault();
  score();
});

byId("file").addEventListener("change", ({ target }) => {
  takeFile(target.files[0]);
  // The same file may be chosen again.
  target.value = "";
});

for (const name of ["dragenter", "dragover"]) {
  byId("drop").addEventListener(name, (event) => {
    event.preventDefault();
    byId("drop").classList.add("over");
  });
}

byId("drop").addEventListener("dragleave", () => {
  byId("drop").classList.remove("over");
});

byId("drop").addEventListener("drop", (event) => {
  event.preventDefault();
  byId("drop").classList.remove("over");
  takeFile(event.dataTransfer.files[0]);
});

// A file that misses its place must not replace the page.
for (const name of ["dragover", "drop"]) {
  addEventListener(name, (event) => event.preventDefault());
}

addEventListener("paste", (event) => {
  takeFile(event.clipboardData.files[0]);
});

byId("opacity").addEventListener("input", ({ target }) => {
  byId("opacity-value").textContent = `${target.value} %`;
  document.documentElement.style.setProperty("--heat", target.value / 100);
});
