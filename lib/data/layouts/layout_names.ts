/**
 * What layouts are called, without the code that reads them.
 *
 * @module
 */

/** All layouts for `--layout`, those with lists of their own first. */
export const LAYOUT_NAMES = [
  "meta",
  "visa",
  "real-iad",
  "deep-pcb",
  "elpv",
  "magnetic-tile",
  "dagm",
  "kolektor-sdd",
  "list",
  "folders",
  "plain",
] as const;

/** The name of a layout. */
export type LayoutName = typeof LAYOUT_NAMES[number];
