/**
 * Bounds on JSON, looked at before it is parsed: a parser takes many times the
 * bytes, and seconds, for what is deep or made of millions of parts.
 *
 * @module
 */
import { refusal } from "../refusals.ts";

/** Lists and objects within each other. */
const MAX_DEPTH = 64;
/** Members of lists and objects. */
const MAX_MEMBERS = 20_000;

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPENING: readonly number[] = [0x5b, 0x7b];
const CLOSING: readonly number[] = [0x5d, 0x7d];

/** Media types of bodies that are one JSON value. */
export const JSON_REGEXP: RegExp = /^application\/([\w.-]+\+)?json\s*(;|$)/i;

/** Where the text ends that starts at a quote. */
function endOfText(json: Uint8Array, start: number): number {
  for (let at = start;;) {
    at = json.indexOf(QUOTE, at + 1);
    if (at < 0) return json.length;
    let escapes = 0;
    while (json[at - 1 - escapes] === BACKSLASH) escapes++;
    if (escapes % 2 === 0) return at;
  }
}

function isBounded(json: Uint8Array): boolean {
  let depth = 0;
  let members = 0;
  for (let at = 0; at < json.length; at++) {
    const byte = json[at]!;
    if (byte === QUOTE) at = endOfText(json, at);
    else if (byte === COMMA) members++;
    else if (OPENING.includes(byte)) depth++;
    else if (CLOSING.includes(byte)) depth--;
    if (depth > MAX_DEPTH || members > MAX_MEMBERS) return false;
  }
  return true;
}

/**
 * Refuses JSON that is not worth parsing.
 *
 * @param json The text in UTF-8, whether it is valid or not.
 * @throws {HTTPException} 413 if it is too deep or has too many members.
 */
export function assertBounded(json: Uint8Array): void {
  if (isBounded(json)) return;
  throw refusal(
    413,
    `Cannot read the JSON as it must have at most ${MAX_MEMBERS} members, ` +
      `and ${MAX_DEPTH} levels`,
  );
}
