/**
 * What is run inside the page.
 *
 * @module
 */

/**
 * The least contrast of texts with what is behind them.
 *
 * @returns {number}
 */
export function leastContrast() {
  function luminance(colour) {
    const [red, green, blue] = colour.map((value) => {
      const part = value / 255;
      return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  }
  function numbers(colour) {
    return (colour.match(/[\d.]+/g) ?? []).map(Number);
  }
  function behind(element) {
    if (element === null) return [255, 255, 255];
    const colour = numbers(getComputedStyle(element).backgroundColor);
    return colour.length === 4 && colour[3] === 0
      ? behind(element.parentElement)
      : colour;
  }
  const texts = document.querySelectorAll(
    "h1, h2, h3, p, label, small, dt, dd, a, b, span, button:enabled, code",
  );
  const ratios = [...texts].filter((text) =>
    text.checkVisibility() && text.textContent !== ""
  ).map((text) => {
    const [low, high] = [
      luminance(numbers(getComputedStyle(text).color)),
      luminance(behind(text)),
    ].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  });
  return Math.min(...ratios);
}

/**
 * Where the photograph, its map and its outlines are.
 *
 * @returns {Record<"photo" | "heat" | "outlines", number[]>}
 */
export function boxes() {
  const boxOf = (id) => {
    const { x, y, width, height } = document.getElementById(id)
      .getBoundingClientRect();
    return [x, y, width, height];
  };
  return {
    photo: boxOf("photo"),
    heat: boxOf("heat"),
    outlines: boxOf("outlines"),
  };
}

/**
 * Form fields that have no name for a screen reader.
 *
 * @returns {string[]}
 */
export function unnamed() {
  return [...document.querySelectorAll("input, select")].filter((field) =>
    field.labels?.length === 0 && !field.ariaLabel
  ).map(({ id }) => id);
}

/** Drops a file that is no image. */
export function dropBroken() {
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File(["no image"], "broken.png"));
  document.getElementById("drop").dispatchEvent(
    new DragEvent("drop", { dataTransfer, cancelable: true }),
  );
}

/**
 * Opacity of the heatmap.
 *
 * @returns {string}
 */
export function heatOpacity() {
  return getComputedStyle(document.getElementById("heat")).opacity;
}

/**
 * Pixels per row of the heatmap.
 *
 * @returns {number}
 */
export function heatWidth() {
  return document.getElementById("heat").naturalWidth;
}

/**
 * Pixels of the page that do not fit in width.
 *
 * @returns {number}
 */
export function overflow() {
  return document.documentElement.scrollWidth - innerWidth;
}

/**
 * Pixels per row in which the image is shown.
 *
 * @returns {number}
 */
export function shownWidth() {
  return document.getElementById("photo").clientWidth;
}
