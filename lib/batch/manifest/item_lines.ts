/**
 * The images of a run as lines of JSON.
 *
 * @module
 */
import { z } from "zod";
import type { PlanItem } from "../run.ts";
import { parseJson } from "../stored_json.ts";

/** Lines that are encoded at a time. */
const LINES = 4096;

const LINE_FEED = 10;

const COUNT = z.int().min(0);
const SIZE = z.tuple([COUNT, COUNT]);
const POINTS = z.array(z.tuple([z.number(), z.number()]));

const MASK_PART = z.union([
  z.string(),
  z.strictObject({ absent: z.string() }),
  z.strictObject({
    polygon: POINTS,
    relative: z.boolean().exactOptional(),
    size: SIZE.exactOptional(),
  }),
  z.strictObject({ line: POINTS, size: SIZE.exactOptional() }),
  z.strictObject({ runs: z.array(COUNT), size: SIZE }),
]);

/** An image; a path that is the key is left out, as are masks if there are none. */
const LINE = z.object({
  key: z.string(),
  category: z.string(),
  label: z.union([z.literal(0), z.literal(1), z.null()]),
  defect: z.string().exactOptional(),
  size: COUNT,
  etag: z.string(),
  path: z.string().exactOptional(),
  /** Path of the only mask. */
  mask: z.string().exactOptional(),
  masks: z.array(MASK_PART).exactOptional(),
});

function toLine(item: PlanItem): string {
  const { key, path, category, label, defect, masks, size, etag } = item;
  const [mask] = masks;
  const isOne = masks.length === 1 && typeof mask === "string";
  return JSON.stringify({
    ...{ key, category, label, size, etag },
    ...defect !== undefined && { defect },
    ...path !== key && { path },
    ...isOne && { mask },
    ...masks.length > 0 && !isOne && { masks },
  });
}

/**
 * Decodes the line of an image.
 *
 * @param text The line.
 * @returns The image.
 * @throws {SyntaxError} If it is not JSON.
 * @throws {TypeError} If it is other JSON.
 */
export function toItem(text: string): PlanItem {
  const { mask, ...line } = parseJson(LINE, text);
  const one = mask === undefined ? [] : [mask];
  return { ...line, path: line.path ?? line.key, masks: line.masks ?? one };
}

/**
 * Encodes images, some thousand lines at a time.
 *
 * @param items The images.
 * @yields The lines of the next images.
 */
export function* encodeItems(
  items: Iterable<PlanItem>,
): Generator<Uint8Array<ArrayBuffer>> {
  const encoder = new TextEncoder();
  let lines: string[] = [];
  for (const item of items) {
    lines.push(`${toLine(item)}\n`);
    if (lines.length < LINES) continue;
    yield encoder.encode(lines.join(""));
    lines = [];
  }
  if (lines.length > 0) yield encoder.encode(lines.join(""));
}

/**
 * Goes through the lines of a file. The whole file may be too long for one
 * string.
 *
 * @param bytes The file.
 * @param skipped How many lines to pass over.
 * @yields Each line, without its end.
 */
export function* linesOf(
  bytes: Uint8Array,
  skipped = 0,
): Generator<string> {
  const decoder = new TextDecoder();
  let start = 0;
  for (let line = 0; start < bytes.length; line++) {
    const end = bytes.indexOf(LINE_FEED, start);
    const stop = end === -1 ? bytes.length : end;
    if (line >= skipped) yield decoder.decode(bytes.subarray(start, stop));
    start = stop + 1;
  }
}
