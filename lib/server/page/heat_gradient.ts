/**
 * The colours of heatmaps, for a legend.
 *
 * @module
 */
import { colourise } from "../../image/colour_map.ts";

const STOPS = 9;

/**
 * Writes the colours as CSS.
 *
 * @returns A gradient from the first colour to the last.
 */
export function heatGradient(): string {
  const map = Float32Array.from({ length: STOPS }, (_, i) => i / (STOPS - 1));
  const { data } = colourise(map, { width: STOPS, height: 1 });
  const stops = Array.from({ length: STOPS }, (_, i) => {
    const rgb = data.subarray(i * 3, i * 3 + 3);
    return `rgb(${rgb.join(" ")})`;
  });
  return `linear-gradient(to right, ${stops.join(", ")})`;
}
