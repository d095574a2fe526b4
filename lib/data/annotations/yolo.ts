/**
 * Annotations of YOLO: a text file for each image, a line for each defect, in
 * parts of width and height.
 *
 *     0 0.5 0.5 0.2 0.1                   class, centre, width and height
 *     0 0.1 0.1 0.3 0.1 0.3 0.4           class, corners of a polygon
 *
 * @module
 */
import { boxPoints } from "../draw_shapes.ts";
import type { Point } from "../../image/image.ts";
import type { Polygon } from "../mask_part.ts";
import type { Annotation } from "./annotation.ts";

function unquoted(text: string): string {
  return text.trim().replace(/^(["'])(.*)\1$/, "$2");
}

/** `names: [good, scratch]`, or a line for each below `names:`. */
function namesOfYaml(text: string): string[] {
  const [, row] = text.match(/^names:[^\S\n]*\[([^\]]*)\]/m) ?? [];
  if (row !== undefined) return row.split(",").map(unquoted);
  const [, block = ""] =
    text.match(/^names:[^\S\n]*\n((?:[^\S\n]*(?:-|\d+:).*\n?)*)/m) ??
      [];
  const names: string[] = [];
  for (const line of block.split("\n")) {
    const [, number, name] = line.match(/^\s*(?:-|(\d+):)\s*(.+)$/) ?? [];
    if (name === undefined) continue;
    names[number === undefined ? names.length : Number(number)] = unquoted(
      name,
    );
  }
  return names;
}

/**
 * Whether a file holds the names of classes, as `classes.txt` of labelImg,
 * `obj.names` of Darknet and `data.yaml` of Ultralytics do.
 *
 * @param path Its path.
 * @returns Whether it may.
 */
export function isClassesName(path: string): boolean {
  return /(^|\/)(classes\.txt|[^/]+\.names|(data|dataset)\.ya?ml)$/i.test(path);
}

/**
 * Reads the names of classes.
 *
 * @param path The file's path, which tells its form.
 * @param text The file.
 * @returns The names by number.
 */
export function readClasses(path: string, text: string): readonly string[] {
  return /\.ya?ml$/i.test(path)
    ? namesOfYaml(text.replaceAll("\r\n", "\n"))
    : text.trim().split(/\r?\n/).map((name) => name.trim());
}

/** Parts may be a little outside, by rounding. */
const MOST = 1.01;

function toShape(numbers: readonly number[]): Polygon | null {
  const [, x = 0, y = 0, width = 0, height = 0] = numbers;
  if (numbers.length === 5 || numbers.length === 6) {
    const first: Point = [x - width / 2, y - height / 2];
    const second: Point = [x + width / 2, y + height / 2];
    return { polygon: boxPoints(first, second), relative: true };
  }
  if (numbers.length < 7 || numbers.length % 2 === 0) return null;
  const polygon: Point[] = [];
  for (let i = 1; i < numbers.length; i += 2) {
    polygon.push([numbers[i]!, numbers[i + 1]!]);
  }
  return { polygon, relative: true };
}

/**
 * Reads a file of YOLO.
 *
 * @param text The file.
 * @param names Names of classes, by number.
 * @returns Its shapes, none for an empty file; null where it is something else.
 */
export function readYolo(
  text: string,
  names: readonly string[],
): Annotation | null {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "");
  const annotation = lines.map((line) => {
    const numbers = line.trim().split(/\s+/).map(Number);
    const [kind = NaN, ...parts] = numbers;
    const isLine = Number.isInteger(kind) && kind >= 0 &&
      parts.every((part) => part >= -0.01 && part <= MOST);
    const shape = isLine ? toShape(numbers) : null;
    return shape && { shape, name: names[kind] ?? null };
  });
  return annotation.every((entry) => entry !== null) ? annotation : null;
}
