/**
 * Anomaly maps as colours.
 *
 * The colour map is Turbo (Mikhailov, "Turbo, An Improved Rainbow Colormap for
 * Visualization", 2019), as d3-scale-chromatic defines it. Colours show a map
 * on a fixed range, so that the same colour means the same anomaly in every
 * image of a run.
 *
 * @module
 */
// @ts-types="@types/d3-scale-chromatic"
import { interpolateTurbo } from "d3-scale-chromatic";
import type { RgbImage } from "./image.ts";

/** Size of a map, and the range its colours show. */
export interface ColouriseOptions {
  /** Values per row of the map. */
  readonly width: number;
  /** Rows of the map. */
  readonly height: number;
  /**
   * The values shown by the first and by the last colour; what lies beyond is
   * shown as the nearer of the two.
   *
   * @default {[0, 1]}
   */
  readonly range?: readonly [number, number] | undefined;
}

/** The 256 colours, from the lowest level to the highest. */
export const TURBO: Uint8Array = turboTable(); // [256, 3]

function turboTable(): Uint8Array {
  const table = new Uint8Array(256 * 3);
  for (let i = 0; i < 256; i++) {
    const rgb = interpolateTurbo(i / 255).match(/\d+/g) ?? [];
    table.set(rgb.map(Number), i * 3);
  }
  return table;
}

/** Level of each colour, as 0xRRGGBB; the lowest where two are the same. */
const LEVELS: ReadonlyMap<number, number> = new Map(
  Array.from({ length: 256 }, (_, i) => 255 - i)
    .map((level) => [colourAt(TURBO, level * 3), level]),
);

function colourAt(data: Uint8Array, at: number): number {
  return data[at]! << 16 | data[at + 1]! << 8 | data[at + 2]!;
}

function assertColourable(map: Float32Array, options: ColouriseOptions): void {
  const { width, height, range: [low, high] = [0, 1] } = options;
  if (map.length !== width * height) {
    throw new TypeError(
      `Cannot colour a map as it must hold width x height values: current value is ${map.length} values for ${width} x ${height}`,
    );
  }
  if (!(Number.isFinite(low) && Number.isFinite(high) && low < high)) {
    throw new RangeError(
      `Cannot colour a map as its range must be two increasing numbers: current value is [${low}, ${high}]`,
    );
  }
}

function notANumber(index: number): RangeError {
  return new RangeError(
    `Cannot colour a map as every value must be a number: current value is NaN at index ${index}`,
  );
}

/**
 * Maps the values of an anomaly map to the 256 colours.
 *
 * @param map The map, `[height, width]`.
 * @param options The map's size and the range of values shown.
 * @returns Indices of colours, `[height, width]`.
 * @throws {TypeError} If the map does not fit its size.
 * @throws {RangeError} If the range is empty or a value is NaN.
 */
export function toLevels(
  map: Float32Array,
  options: ColouriseOptions,
): Uint8Array {
  assertColourable(map, options);
  const { range: [low, high] = [0, 1] } = options;
  const levels = new Uint8Array(map.length); // [height, width]
  const scale = 255 / (high - low);
  for (let i = 0; i < map.length; i++) {
    const at = (map[i]! - low) * scale;
    // Math.round, Math.min and Math.max take four times as long.
    if (at > 0) levels[i] = at < 255 ? at + 0.5 | 0 : 255;
    else if (at !== at) throw notANumber(i);
  }
  return levels;
}

/**
 * Looks up the colours of levels.
 *
 * @param levels Indices of colours, `[height, width]`.
 * @param size Their size.
 * @returns The coloured image.
 */
export function colourLevels(
  levels: Uint8Array,
  { width, height }: { readonly width: number; readonly height: number },
): RgbImage {
  const data = new Uint8Array(levels.length * 3); // [height, width, 3]
  for (let i = 0, to = 0; i < levels.length; i++, to += 3) {
    const from = levels[i]! * 3;
    data[to] = TURBO[from]!;
    data[to + 1] = TURBO[from + 1]!;
    data[to + 2] = TURBO[from + 2]!;
  }
  return { width, height, data };
}

/**
 * Colours an anomaly map.
 *
 * @param map The map, `[height, width]`.
 * @param options The map's size and the range of values shown.
 * @returns The coloured map, at the map's own size.
 * @throws {TypeError} If the map does not fit its size.
 * @throws {RangeError} If the range is empty or a value is NaN.
 */
export function colourise(
  map: Float32Array,
  options: ColouriseOptions,
): RgbImage {
  return colourLevels(toLevels(map, options), options);
}

/**
 * How much of a photograph each colour of a map may cover: the coldest nothing,
 * those from the middle on all of it, and colours between them little. A map that is laid over a photograph would
 * else darken what is normal.
 *
 * @param image What {@linkcode colourise} made.
 * @returns Opacity, 0 to 255, `[height, width]`; 255 for a colour of no level.
 */
export function heatOpacity({ data }: RgbImage): Uint8Array {
  return Uint8Array.from({ length: data.length / 3 }, (_, i) => {
    const level = LEVELS.get(colourAt(data, i * 3)) ?? 255;
    return Math.round(255 * Math.min(level / 127.5, 1) ** 2);
  });
}
