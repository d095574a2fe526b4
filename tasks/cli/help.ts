/**
 * The text that `--help` prints.
 *
 * @module
 */
import type { Flag, FlagTable } from "./flags.ts";

const WIDTH = 80;

function placeholder(flag: Flag): string {
  switch (flag.kind) {
    case "switch":
      return "";
    case "text":
    case "texts":
    case "list":
      return ` ${flag.value}`;
    case "choice":
      return ` ${flag.choices.join("|")}`;
    case "range":
      return " LOW,HIGH";
    default:
      return " N";
  }
}

function defaultOf(flag: Flag): string {
  return "default" in flag && flag.default !== undefined
    ? ` (default ${flag.default})`
    : "";
}

/** Breaks a text into lines of at most `width` characters. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

/** Characters of a left column at most; a longer text has its own line. */
const LEFT = 30;

/**
 * Lays out two columns, the second wrapped to 80 characters.
 *
 * @param rows Left and right text of each row.
 * @returns Lines without a final line break.
 */
export function columns(
  rows: readonly (readonly [string, string])[],
): string {
  const lengths = rows.map(([name]) => name.length);
  const left = Math.max(...lengths.filter((length) => length <= LEFT), 0);
  const indent = " ".repeat(left + 4);
  return rows.map(([name, text]) => {
    const gap = name.length > left
      ? `\n${indent}`
      : " ".repeat(left - name.length + 2);
    const lines = wrap(text, WIDTH - left - 4);
    return `  ${name}${gap}${lines.join(`\n${indent}`)}`;
  }).join("\n");
}

/** The rows of `--help` for a table of flags, in two columns. */
export function flagHelp(table: FlagTable): string {
  const rows = Object.entries(table).map(([name, flag]) =>
    [
      `--${name}${placeholder(flag)}`,
      `${flag.help}${defaultOf(flag)}`,
    ] as const
  );
  return columns([...rows, ["--help", "Print this text"]]);
}
