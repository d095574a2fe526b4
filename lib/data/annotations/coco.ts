/**
 * Annotations of COCO: one JSON file for many images.
 *
 * @module
 */
import { boxPoints } from "../draw_shapes.ts";
import type { Point } from "../../image/image.ts";
import type { Shape } from "../mask_part.ts";
import {
  type Annotation,
  drawnSize,
  isRecord,
  type LabelledShape,
  type SizeField,
} from "./annotation.ts";

/** The LEB128-like text that pycocotools writes runs in. */
function decodeRuns(text: string): number[] {
  const runs: number[] = [];
  for (let at = 0; at < text.length;) {
    let value = 0;
    for (let shift = 0;; shift += 5) {
      const code = text.charCodeAt(at++) - 48;
      value |= (code & 31) << shift;
      if ((code & 32) !== 0) continue;
      if ((code & 16) !== 0) value |= -1 << (shift + 5);
      break;
    }
    runs.push(runs.length > 2 ? value + runs.at(-2)! : value);
  }
  return runs;
}

function runsOf(segmentation: Record<string, unknown>): Shape[] {
  const { counts, size } = segmentation;
  if (!Array.isArray(size)) return [];
  const [height, width] = size.map(Number) as [number, number];
  const runs = typeof counts === "string"
    ? decodeRuns(counts)
    : Array.isArray(counts)
    ? counts.map(Number)
    : [];
  return [{ runs, size: [width, height] }];
}

function polygonOf(numbers: unknown, size: SizeField): Shape[] {
  if (!Array.isArray(numbers) || numbers.length < 6) return [];
  const polygon: Point[] = [];
  for (let i = 0; i + 1 < numbers.length; i += 2) {
    polygon.push([Number(numbers[i]), Number(numbers[i + 1])]);
  }
  return [{ polygon, ...size }];
}

function shapesOf(
  { segmentation, bbox }: Record<string, unknown>,
  size: SizeField,
): Shape[] {
  const shapes = isRecord(segmentation)
    ? runsOf(segmentation)
    : Array.isArray(segmentation)
    ? segmentation.flatMap((numbers) => polygonOf(numbers, size))
    : [];
  if (shapes.length > 0 || !Array.isArray(bbox)) return shapes;
  const [x = NaN, y = NaN, width = NaN, height = NaN] = bbox.map(Number);
  if (![x, y, width, height].every(Number.isFinite)) return [];
  const polygon = boxPoints([x, y], [x + width, y + height]);
  return [{ polygon, ...size }];
}

function records(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

/**
 * Reads a file of COCO.
 *
 * @param json The file, parsed.
 * @returns File name of an image -> its shapes; null where it is something
 * else.
 */
export function readCoco(json: unknown): Map<string, Annotation> | null {
  if (!isRecord(json)) return null;
  if (!Array.isArray(json.images) || !Array.isArray(json.annotations)) {
    return null;
  }
  const names = new Map(
    records(json.categories).map(({ id, name }) => [id, String(name)]),
  );
  const images = records(json.images);
  const sizes = new Map(
    images.map(({ id, width, height }) => [id, drawnSize(width, height)]),
  );
  const shapes = new Map<unknown, LabelledShape[]>();
  for (const annotation of records(json.annotations)) {
    const { image_id, category_id } = annotation;
    const name = names.get(category_id) ?? null;
    const own = shapes.get(image_id) ?? [];
    const found = shapesOf(annotation, sizes.get(image_id) ?? {});
    own.push(...found.map((shape) => ({ shape, name })));
    shapes.set(image_id, own);
  }
  return new Map(
    images.map((
      { id, file_name },
    ) => [String(file_name), shapes.get(id) ?? []]),
  );
}
