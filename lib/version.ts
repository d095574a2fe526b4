/**
 * The version of this program.
 *
 * @module
 */

/** The version of this program; a test compares it with that of `deno.json`. */
export const VERSION = "0.1.0";
