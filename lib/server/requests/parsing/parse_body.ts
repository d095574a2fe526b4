/**
 * What bodies hold, as plain data that can be handed from thread to thread.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { refusal } from "../refusals.ts";
import { assertBounded } from "./json_bounds.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** How a body is read. */
export type Parsing =
  | { readonly kind: "json" }
  /** Lines of JSON; one that is none is its text. */
  | { readonly kind: "lines"; readonly most: number }
  /** Lines as they are. */
  | { readonly kind: "texts"; readonly most: number }
  /** A form with a few parts. */
  | {
    readonly kind: "form";
    readonly contentType: string;
    readonly most: number;
  };

/** One part of a form. */
export interface FormPart {
  /** Its name. */
  readonly name: string;
  /** A text, or the bytes of a file. */
  readonly value: string | Bytes;
  /** The name of its file. */
  readonly fileName?: string;
}

/** What each way of reading gives. */
export interface ParsedBody {
  readonly json: unknown;
  readonly lines: unknown[];
  readonly texts: string[];
  readonly form: FormPart[];
}

/** Blank bytes that may follow a form. */
const MAX_BLANKS = 64;

/** Whether the body goes on to the line that ends a form of few parts. */
function isWhole(
  body: Bytes,
  { contentType, most }: Extract<Parsing, { kind: "form" }>,
): boolean {
  const [, quoted, plain] =
    /;\s*boundary=(?:"([^"]+)"|([^\s;]+))/i.exec(contentType) ?? [];
  const boundary = quoted ?? plain;
  if (boundary === undefined) return false;
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.length);
  const end = bytes.subarray(-boundary.length - 4 - MAX_BLANKS).toString();
  if (!end.trimEnd().endsWith(`--${boundary}--`)) return false;
  let at = -1;
  for (let count = 0; count <= most; count++) {
    at = bytes.indexOf(`\r\n--${boundary}`, at + 1);
    if (at < 0) return true;
  }
  return false;
}

async function parseForm(
  body: Bytes,
  how: Extract<Parsing, { kind: "form" }>,
): Promise<FormPart[]> {
  const message =
    "Cannot read the form as it must be whole and valid, and have few parts";
  if (!isWhole(body, how)) throw refusal(400, message);
  const headers = { "Content-Type": how.contentType };
  try {
    const form = await new Response(body, { headers }).formData();
    return await Promise.all(
      [...form].map(async ([name, value]) =>
        value instanceof File
          ? { name, value: await value.bytes(), fileName: value.name }
          : { name, value }
      ),
    );
  } catch {
    throw refusal(400, message);
  }
}

/** Characters of a text from which on it is looked at as base64. */
const LONG = 1024;

/** An image in base64 is its bytes: they move, where a text would be copied. */
function bytesOfLong(_: string, value: unknown): unknown {
  if (typeof value !== "string" || value.length < LONG) return value;
  try {
    return Uint8Array.fromBase64(value);
  } catch {
    return value;
  }
}

function parseJson(body: Bytes): unknown {
  assertBounded(body);
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(body);
    return JSON.parse(text, bytesOfLong);
  } catch {
    throw refusal(400, "Cannot read the body as it must be JSON in UTF-8");
  }
}

const NEW_LINE = 0x0a;

/** The lines of a body that are not empty; half of them may be. */
function* linesOf(body: Bytes, most: number): Generator<string> {
  let count = 0;
  for (let start = 0; start < body.length; count++) {
    if (count > 2 * most) throw tooMany(count, most);
    const found = body.indexOf(NEW_LINE, start);
    const end = found < 0 ? body.length : found;
    const line = textOf(body.subarray(start, end)).trim();
    if (line !== "") yield line;
    start = end + 1;
  }
}

/**
 * Refuses more images than one request may have.
 *
 * @param count How many there are.
 * @param most How many there may be.
 */
export function tooMany(count: number, most: number): Error {
  return refusal(
    413,
    `Cannot score the request as it must have at most ${most} images: ` +
      `current value is ${count}, use POST /v1/batches`,
  );
}

function textOf(body: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(body);
  } catch {
    throw refusal(400, "Cannot read the lines as they must be UTF-8");
  }
}

function parseLine(line: string): unknown {
  assertBounded(new TextEncoder().encode(line));
  try {
    return JSON.parse(line, bytesOfLong);
  } catch {
    return line;
  }
}

/**
 * Reads a body.
 *
 * @param body Its bytes.
 * @param how What it is.
 * @returns What it holds; texts that are long and base64 are their bytes.
 * @throws {HTTPException} If it is not what it must be.
 */
export async function parseBody(body: Bytes, how: Parsing): Promise<unknown> {
  if (how.kind === "json") return parseJson(body);
  if (how.kind === "form") return await parseForm(body, how);
  const lines = [...linesOf(body, how.most)];
  return how.kind === "lines" ? lines.map(parseLine) : lines;
}
