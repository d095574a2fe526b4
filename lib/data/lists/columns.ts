/**
 * What the columns of a list mean, by their names.
 *
 * @module
 */
import { roleOf } from "../layouts/words.ts";

/** What a column says of an image. */
export type Column =
  | "uri"
  | "category"
  | "label"
  | "good"
  | "mask"
  | "split"
  | "defect";

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
  good: ["is_good", "good", "is_ok", "ok", "is_normal", "normal"],
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
  // Beside a column of labels, a class can only be that of the product.
  const kind = byName.get("class");
  if (kind !== undefined && found.label !== undefined && found.label !== kind) {
    found.category ??= kind;
  }
  return found;
}

const TRUE_REGEXP = /^(true|yes|y|t)$/i;
const FALSE_REGEXP = /^(false|no|n|f)$/i;

const NOTHING_REGEXP = /^(nan|none|null|nil|n\/?a|-)$/i;
const UNKNOWN_REGEXP = /^(nan|null|nil|n\/?a|\?|unknown|unlabell?ed)$/i;

/**
 * Whether a field says that there is nothing, as programs write it.
 *
 * @param text The field.
 */
export function isNothing(text: string): boolean {
  return NOTHING_REGEXP.test(text.trim());
}

/**
 * Whether a label says that there is none. "none" may also mean that there is
 * no defect, so it does not.
 *
 * @param text The label.
 */
export function isUnknown(text: string): boolean {
  return UNKNOWN_REGEXP.test(text.trim());
}

/** How {@linkcode parseLabel} reads numbers and truth values. */
export interface LabelOptions {
  /** The least probability that counts as a defect. */
  readonly threshold: number;
  /** Whether they say what is good, not what is defective. */
  readonly isTurned?: boolean;
}

/**
 * Reads a label: a number of 0 to 1, a truth value (true is defective), or a
 * word for good or defective.
 *
 * @param text The text.
 * @param options How to read numbers and truth values.
 * @returns 1 for defective, 0 for good; undefined where it is no label.
 */
export function parseLabel(
  text: string,
  { threshold, isTurned = false }: LabelOptions,
): 0 | 1 | undefined {
  const trimmed = text.trim();
  const number = Number(trimmed.replace(",", "."));
  if (trimmed !== "" && number >= 0 && number <= 1) {
    const probability = isTurned ? 1 - number : number;
    return probability >= threshold && probability > 0 ? 1 : 0;
  }
  if (TRUE_REGEXP.test(trimmed)) return isTurned ? 0 : 1;
  if (FALSE_REGEXP.test(trimmed)) return isTurned ? 1 : 0;
  const role = roleOf(trimmed);
  return role === "good" ? 0 : role === "defective" ? 1 : undefined;
}
