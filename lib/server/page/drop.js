/**
 * Places for files: dropped or chosen, images and archives of them.
 *
 * @module
 */
import { imagesOf, isZip } from "./zip.js";

/** Says how large something is. */
export function bytesText(size) {
  return size < 1e6
    ? `${Math.max(1, Math.round(size / 1e3))} kB`
    : `${(size / 1e6).toFixed(1)} MB`;
}

/**
 * All images of some files, those of archives too.
 *
 * @param {File[]} files The files.
 * @param {number} most How many images there may be.
 */
export async function unpacked(files, most) {
  const images = [];
  for (const file of files) {
    if (isZip(file)) images.push(...await imagesOf(file));
    else {
      const name = file.name || "Pasted image";
      images.push({ name, read: () => Promise.resolve(file) });
    }
  }
  if (images.length === 0) throw new Error("There is no image in the archive.");
  if (images.length <= most) return images;
  throw new Error(
    `Cannot look at ${images.length} images as the page takes ${most} at most.`,
  );
}

/**
 * Makes an element take files.
 *
 * @param {HTMLElement} place Where files are dropped.
 * @param {HTMLInputElement} input Where they are chosen.
 * @param {(files: File[]) => void} onFiles Told of them.
 */
export function takesFiles(place, input, onFiles) {
  input.addEventListener("change", () => {
    onFiles([...input.files]);
    // The same files may be chosen again.
    input.value = "";
  });
  for (const name of ["dragenter", "dragover"]) {
    place.addEventListener(name, (event) => {
      event.preventDefault();
      place.classList.add("over");
    });
  }
  place.addEventListener("dragleave", () => place.classList.remove("over"));
  place.addEventListener("drop", (event) => {
    event.preventDefault();
    place.classList.remove("over");
    onFiles([...event.dataTransfer.files]);
  });
}
