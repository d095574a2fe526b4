/**
 * What the columns of a list mean, by their names.
 *
 * @module
 */
import { roleOf } from "../layouts/words.ts";

/** What a column says of an image. */
export type Column = "uri" | "category" | "label" | "mask" | "split" | "defect";

/** Names of each column, the best first. */
export const COLUMN_NAMES: Readonly<Record<Column, readonly string[]>> = {
  uri: [
    ...["uri", "url", "image", "image_path", "img_path", "image_file"],
    ...["image_name", "img", "imagepath", "filename", "file_name", "filepath"],
    ...["file_path", "file", "path", "source-ref"],
  ],
  category: [
    ...["category", "cls_name", "object", "product", "object_name"],
    ...["class_name", "category_name"],
  ],
  label: [
    ...["label", "anomaly", "is_anomaly", "anomalous", "defective"],
    ...["is_defective", "defect_label", "target", "gt_label", "label_index"],
    ...["probability", "class", "y"],
  ],
  mask: [
    ...["mask", "mask_path", "maskpath", "mask_file", "ground_truth", "gt"],
    ...["gt_path", "segmentation", "masks"],
  ],
  split: ["split", "subset", "set"],
  defect: ["defect", "specie_name", "defect_type", "anomaly_class", "kind"],
};

/** `Image Path` -> `image_path`. */
function tidy(name: string): string {
  return name.trim().toLowerCase().replace(/[\s.]+/g, "_");
}

/**
 * Finds the columns of a list, in whatever order they are.
 *
 * @param names The names it has.
 * @returns The name of each column that is there.
 */
export function findColumns(
  names: Iterable<string>,
): Partial<Record<Column, string>> {
  const byName = new Map<string, string>();
  for (const name of names) {
    if (!byName.has(tidy(name))) byName.set(tidy(name), name);
  }
  const found: Partial<Record<Column, string>> = {};
  for (const [column, spellings] of Object.entries(COLUMN_NAMES)) {
    const name = spellings.find((spelling) => byName.has(spelling));
    if (name !== undefined) found[column as Column] = byName.get(name)!;
  }
  return found;
}

const TRUE_REGEXP = /^(true|yes|y|t)$/i;
const FALSE_REGEXP = /^(false|no|n|f)$/i;

/**
 * Reads a label: a number of 0 to 1, a truth value (true is defective), or a
 * word for good or defective.
 *
 * @param text The text.
 * @param threshold The least probability that counts as a defect.
 * @returns 1 for defective, 0 for good; undefined where it is no label.
 */
export function parseLabel(text: string, threshold: number): 0 | 1 | undefined {
  const trimmed = text.trim();
  const number = Number(trimmed.replace(",", "."));
  if (trimmed !== "" && number >= 0 && number <= 1) {
    return number >= threshold && number > 0 ? 1 : 0;
  }
  if (TRUE_REGEXP.test(trimmed)) return 1;
  if (FALSE_REGEXP.test(trimmed)) return 0;
  const role = roleOf(trimmed);
  return role === "good" ? 0 : role === "defective" ? 1 : undefined;
}
