/**
 * An image that is short enough for examples.
 *
 * @module
 */

/** A PNG of one pixel, in base64. */
export const EXAMPLE_PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR42mNoaGgAAAMEAYF1LgG8AAAAAElFTkSuQmCC";
