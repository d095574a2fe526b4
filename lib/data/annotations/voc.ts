/**
 * Annotations of Pascal VOC: an XML file for each image.
 *
 * Only the few elements of boxes are looked for. No XML parser is needed for
 * them, and none can be led astray by entities of a file that others wrote.
 *
 * @module
 */
import { boxPoints } from "../draw_shapes.ts";
import {
  type Annotation,
  drawnSize,
  type LabelledShape,
  type SizeField,
} from "./annotation.ts";

function textOf(xml: string, tag: string): string | null {
  return xml.match(new RegExp(`<${tag}>\\s*([^<]*?)\\s*</${tag}>`))?.[1] ??
    null;
}

function toShape(
  object: string,
  size: SizeField,
): LabelledShape[] {
  const box = object.match(/<bndbox>[\s\S]*?<\/bndbox>/)?.[0] ?? "";
  const [x1, y1, x2, y2] = ["xmin", "ymin", "xmax", "ymax"].map((tag) =>
    Number(textOf(box, tag) ?? NaN)
  ) as [number, number, number, number];
  if (![x1, y1, x2, y2].every(Number.isFinite)) return [];
  // Pixels count from 1, and the last one is part of the box.
  const polygon = boxPoints([x1 - 1, y1 - 1], [x2, y2]);
  return [{ shape: { polygon, ...size }, name: textOf(object, "name") }];
}

/**
 * Reads a file of Pascal VOC.
 *
 * @param xml The file.
 * @returns Its boxes; null where it is something else.
 */
export function readVoc(xml: string): Annotation | null {
  if (!/<annotation[\s>]/.test(xml)) return null;
  const objects = xml.matchAll(/<object>[\s\S]*?<\/object>/g);
  const head = xml.match(/<size>[\s\S]*?<\/size>/)?.[0] ?? "";
  const size = drawnSize(textOf(head, "width"), textOf(head, "height"));
  return [...objects].flatMap(([object]) => toShape(object, size));
}
