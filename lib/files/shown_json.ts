/**
 * Values out of JSON files, in messages.
 *
 * @module
 */

/** Characters of a value that a message shows, if nothing else is said. */
const MOST_SHOWN = 1000;

/**
 * A value as JSON, cut where it is long. Values that were read may be nested
 * too deeply to be written again.
 *
 * @param value What a file holds.
 * @param most Characters that are shown.
 */
export function shownJson(value: unknown, most: number = MOST_SHOWN): string {
  try {
    const text = JSON.stringify(value) ?? "nothing";
    return text.length > most ? `${text.slice(0, most)}...` : text;
  } catch (error) {
    if (error instanceof RangeError) return "a value that is nested too deeply";
    throw error;
  }
}
