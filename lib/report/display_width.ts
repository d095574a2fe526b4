/**
 * How wide a text is on a terminal and in a plot.
 *
 * @module
 */

/** Characters of two columns: those of East Asia, and emoji. */
const WIDE =
  /[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uA960-\uA97C\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF01-\uFF60\uFFE0-\uFFE6\u{20000}-\u{3FFFD}]|\p{Emoji_Presentation}/u;
/** Characters without a column of their own. */
const NARROW = /[\p{Mn}\p{Me}\p{Cf}]/u;

/**
 * Counts the columns that a terminal gives a text.
 *
 * @see https://www.unicode.org/reports/tr11/
 */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) {
    if (NARROW.test(character)) continue;
    width += WIDE.test(character) ? 2 : 1;
  }
  return width;
}

/** Fills a text up on the right. */
export function padRight(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - displayWidth(text)));
}

/** Fills a text up on the left. */
export function padLeft(text: string, width: number): string {
  return " ".repeat(Math.max(0, width - displayWidth(text))) + text;
}

/** Cuts the middle out of a name that is wider than `width`. */
function shorten(name: string, width: number): string {
  if (displayWidth(name) <= width) return name;
  const characters = [...name];
  let head = Math.ceil(width / 2);
  let tail = width - head - 1;
  const cut = () =>
    `${characters.slice(0, head).join("")}…${characters.slice(-tail).join("")}`;
  while (displayWidth(cut()) > width && tail > 1) {
    if (head > tail) head--;
    else tail--;
  }
  return cut();
}

/**
 * Cuts names to a width and keeps them apart: names that look the same then are
 * numbered.
 *
 * @returns Name -> its short form, each another one.
 */
export function shortNames(
  names: readonly string[],
  width: number,
): Map<string, string> {
  const short = new Map<string, string>();
  const taken = new Set(names.filter((name) => displayWidth(name) <= width));
  for (const name of names) {
    let form = shorten(name, width);
    for (let n = 2; form !== name && taken.has(form); n++) {
      const mark = ` (${n})`;
      form = shorten(name, width - mark.length) + mark;
    }
    taken.add(form);
    short.set(name, form);
  }
  return short;
}
