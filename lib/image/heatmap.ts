/**
 * Anomaly maps as image files.
 *
 * @module
 */
import {
  colourise,
  type ColouriseOptions,
  heatOpacity,
  toLevels,
  TURBO,
} from "./colour_map.ts";
import { encodePalettePng, encodeTransparentPng } from "./encode.ts";

/**
 * Encodes an anomaly map as a coloured PNG of the map's own size. Its colours
 * are a palette, which takes half the time and half the bytes of RGB.
 *
 * @param map The map, `[height, width]`.
 * @param options The map's size and the range of values shown.
 * @returns The file's bytes.
 * @throws {TypeError} If the map does not fit its size.
 * @throws {RangeError} If the range is empty or a value is NaN.
 */
export function encodeHeatmap(
  map: Float32Array,
  options: ColouriseOptions,
): Promise<Uint8Array> {
  return encodePalettePng(toLevels(map, options), options, TURBO);
}

/**
 * Encodes an anomaly map as a coloured PNG to lie over its photograph: what is
 * cold is clear.
 *
 * @param map The map, `[height, width]`.
 * @param options The map's size and the range of values shown.
 * @returns The file's bytes.
 * @throws {TypeError} If the map does not fit its size.
 * @throws {RangeError} If the range is empty or a value is NaN.
 */
export function encodeHeatLayer(
  map: Float32Array,
  options: ColouriseOptions,
): Promise<Uint8Array> {
  const coloured = colourise(map, options);
  return encodeTransparentPng(coloured, heatOpacity(coloured));
}
