/**
 * Plots as inline SVG.
 *
 * @module
 */
import { plot, type PlotOptions } from "@observablehq/plot";
import { DOMParser } from "linkedom";
import { Markup } from "./markup.ts";

/** A document of its own, so that no DOM global is needed or made. */
const document = new DOMParser()
  .parseFromString("<!doctype html><html></html>", "text/html");

/** The texts of a plot for screen readers. */
export interface PlotText {
  /** The subject of the plot. */
  readonly title: string;
  /** The values in it, in words. */
  readonly description: string;
}

/**
 * Draws a plot. Colours are custom properties of the page, so that one drawing
 * works in light and dark mode.
 *
 * @param options The plot.
 * @param text Its title and description.
 * @returns An `<svg>` element of class `plot`.
 */
export function drawSvg(options: PlotOptions, text: PlotText): Markup {
  const svg = plot({ className: "plot", ...options, document });
  svg.querySelector("style")?.remove();
  for (const part of svg.querySelectorAll("[aria-label]")) {
    part.removeAttribute("aria-label");
  }
  for (const [name, content] of Object.entries(text).reverse()) {
    const element = document.createElementNS(
      "http://www.w3.org/2000/svg",
      name === "title" ? "title" : "desc",
      {},
    );
    element.textContent = content;
    svg.prepend(element);
  }
  svg.setAttribute("role", "img");
  svg.removeAttribute("width");
  svg.removeAttribute("height");
  return new Markup(svg.outerHTML);
}
