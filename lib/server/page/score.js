/**
 * Looks at images that are dropped, chosen or pasted.
 *
 * @module
 */
import { byId, showMessage } from "./common.js";
import { MAX_IMAGES, Queue } from "./queue.js";
import { countOf, showResult } from "./result.js";
import { imagesOf, isZip } from "./zip.js";

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

function bytesText(size) {
  return size < 1e6
    ? `${Math.max(1, Math.round(size / 1e3))} kB`
    : `${(size / 1e6).toFixed(1)} MB`;
}

/** All images of some files, those of archives too. */
async function unpacked(files) {
  const images = [];
  for (const file of files) {
    if (isZip(file)) images.push(...await imagesOf(file));
    else {
      const name = file.name || "Pasted image";
      images.push({ name, read: () => Promise.resolve(file) });
    }
  }
  if (images.length === 0) throw new Error("There is no image in the archive.");
  if (images.length <= MAX_IMAGES) return images;
  throw new Error(
    `Cannot look at ${images.length} images as the page takes ${MAX_IMAGES} ` +
      "at most: start a batch for more.",
  );
}

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
    queue.take(await unpacked(files));
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

byId("file").addEventListener("change", ({ target }) => {
  takeFiles([...target.files]);
  // The same files may be chosen again.
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
  takeFiles([...event.dataTransfer.files]);
});

// A file that misses its place must not replace the page.
for (const name of ["dragover", "drop"]) {
  addEventListener(name, (event) => event.preventDefault());
}

addEventListener("paste", (event) => {
  takeFiles([...event.clipboardData.files]);
});

byId("threshold").addEventListener("input", ({ target }) => {
  queue.judgeFrom(Number(target.value));
});

byId("opacity").addEventListener("input", ({ target }) => {
  byId("opacity-value").textContent = `${target.value} %`;
  document.documentElement.style.setProperty("--heat", target.value / 100);
});
