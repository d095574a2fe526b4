/**
 * Which metrics are absent, and why, in as few sentences as it takes.
 *
 * @module
 */
import {
  type ImageNote,
  MASK_FAULTS,
  MASK_NOTES,
  type MaskNote,
} from "../data/sample.ts";
import { formatInterval, formatMetric } from "./format.ts";
import {
  type CategorySummary,
  METRIC_TITLES,
  type MetricName,
  METRICS,
  type Summary,
} from "../results/summary.ts";

/** Categories that lack the same metrics for the same reason. */
export interface Absence {
  /** Why. */
  readonly reason: string;
  /** The metrics, in the order of tables. */
  readonly metrics: readonly MetricName[];
  /** The categories, in the order of the summary. */
  readonly categories: readonly string[];
}

function absentIn(category: CategorySummary): Map<string, MetricName[]> {
  const byReason = new Map<string, MetricName[]>();
  for (const metric of METRICS) {
    const reason = category.absent[metric];
    if (reason === undefined) continue;
    byReason.set(reason, [...(byReason.get(reason) ?? []), metric]);
  }
  return byReason;
}

/**
 * Groups the absent metrics of all categories by metric and reason.
 *
 * @param summary The evaluation.
 * @returns One entry per distinct reason and set of metrics.
 */
export function absences(summary: Summary): Absence[] {
  const groups = new Map<string, Absence & { categories: string[] }>();
  for (const [name, category] of Object.entries(summary.categories)) {
    for (const [reason, metrics] of absentIn(category)) {
      const id = JSON.stringify([reason, metrics]);
      const group = groups.get(id) ?? { reason, metrics, categories: [] };
      group.categories.push(name);
      groups.set(id, group);
    }
  }
  return [...groups.values()];
}

/**
 * Says in one line what an {@linkcode Absence} holds.
 *
 * @param absence The absence.
 * @param summary The evaluation it is from.
 * @returns A line without a full stop.
 */
export function absenceLine(absence: Absence, summary: Summary): string {
  const { metrics, categories, reason } = absence;
  const total = Object.keys(summary.categories).length;
  const what = metrics.length === METRICS.length
    ? "All metrics"
    : metrics.map((metric) => METRIC_TITLES[metric]).join(", ");
  const where = total > 1 && categories.length === total
    ? "all categories"
    : categories.join(", ");
  return `${what} absent in ${where}: ${reason}`;
}

/** The notes on masks, as texts before the category and the count. */
const MASK_LINES: Readonly<Record<MaskNote, (category: string) => string>> = {
  absent: (name) =>
    `Masks named but not there in ${name}, left out of pixel metrics`,
  unreadable: (name) =>
    `Masks that cannot be read in ${name}, left out of pixel metrics`,
  other_size: (name) =>
    `Masks of another size than their image in ${name}, left out of pixel metrics`,
  empty: (name) => `Empty masks in ${name}, left out of pixel metrics`,
  large: (name) =>
    `Masks over more than 90 % of their image in ${name}, perhaps inverted`,
  grey: (name) =>
    `Masks with more than two values in ${name}, cut at half of their range`,
  alpha: (name) => `Masks in the channel of opacity in ${name}`,
  turned_image: (name) =>
    `Masks of images in ${name} that EXIF turns, taken as drawn on the upright image`,
};

/** The notes on image files, as texts before the category and the count. */
const IMAGE_LINES: Readonly<
  Record<Exclude<ImageNote, "sixteen_bits">, (category: string) => string>
> = {
  turned: (name) => `Images turned upright as EXIF says in ${name}`,
  damaged: (name) =>
    `Damaged images in ${name}, scored as far as they can be read`,
  further_pages: (name) =>
    `Images with further pages in ${name}, of which the first full one is read`,
};

/** What is counted of the files of a category. */
export type FileNotes = Pick<
  CategorySummary,
  "mask_notes" | "image_notes" | "largest_sample"
>;

/** Bits that sensors fill in files of 16 bits, fewest first. */
const SENSOR_BITS = [10, 12] as const;

/** Warns of files of 16 bits whose samples are those of a smaller sensor. */
function depthLine(
  name: string,
  { image_notes = {}, largest_sample = 0 }: FileNotes,
): string[] {
  const count = image_notes.sixteen_bits ?? 0;
  const bits = SENSOR_BITS.find((bits) => largest_sample < 2 ** bits);
  if (count === 0 || bits === undefined) return [];
  return [
    `No sample of the ${count} images of 16 bits in ${name} is above ${
      2 ** bits - 1
    }, so they look almost black: --bit-depth ${bits} reads them right`,
  ];
}

function imageLines(name: string, category: FileNotes): string[] {
  const { image_notes = {} } = category;
  const counted = Object.entries(IMAGE_LINES).flatMap(([note, line]) => {
    const count = image_notes[note as keyof typeof IMAGE_LINES] ?? 0;
    return count > 0 ? [`${line(name)}: ${count}`] : [];
  });
  return [...depthLine(name, category), ...counted];
}

/**
 * Says what is noted of the files of a category whose masks can be used.
 *
 * @param name The category.
 * @param notes What was counted.
 * @returns Lines without full stops.
 */
export function fileNoteLines(name: string, notes: FileNotes): string[] {
  const { mask_notes = {} } = notes;
  const faults: ReadonlySet<MaskNote> = new Set(MASK_FAULTS);
  const masks = MASK_NOTES.filter((note) => !faults.has(note)).flatMap(
    (note) => {
      const count = mask_notes[note] ?? 0;
      return count > 0 ? [`${MASK_LINES[note](name)}: ${count}`] : [];
    },
  );
  return [...masks, ...imageLines(name, notes)];
}

/** What must be doubted of the metrics of a category. */
function warningLines(
  name: string,
  { warnings = [], good, i_auroc, intervals }: CategorySummary,
): string[] {
  return warnings.map((warning) =>
    warning === "all_defective"
      ? `Warning: the threshold of highest F1 calls all ${good} good images of ${name} defective, so it is not used`
      : `Warning: good and defective images of ${name} are not told apart better than by chance: I-AUROC ${
        formatMetric(i_auroc, "-")
      }, 95 % interval ${formatInterval(intervals.i_auroc)}`
  );
}

/**
 * Says what else a reader of the metrics must know: means over fewer than
 * all categories, masks that did not take part, and how images were read.
 *
 * @param summary The evaluation.
 * @returns Lines without full stops.
 */
export function coverageLines(summary: Summary): string[] {
  const categories = Object.entries(summary.categories);
  const total = categories.length;
  const lines: string[] = [];
  const counts = new Set(METRICS.map((metric) => summary.counted[metric]));
  for (const count of [...counts].filter((n) => n > 0 && n < total)) {
    const metrics = METRICS.filter((f) => summary.counted[f] === count);
    const names = metrics.map((metric) => METRIC_TITLES[metric]).join(", ");
    lines.push(`Mean of ${names} over ${count} of ${total} categories`);
  }
  for (const [name, category] of categories) {
    lines.push(...warningLines(name, category));
    const { masks_missing, masks_lost, mask_notes = {} } = category;
    if (masks_missing > 0) {
      lines.push(
        `Defective without a mask in ${name}, left out of pixel metrics: ${masks_missing}`,
      );
    }
    if (masks_lost > 0) {
      lines.push(`Masks lost on resizing in ${name}: ${masks_lost}`);
    }
    for (const note of MASK_NOTES) {
      const count = mask_notes[note] ?? 0;
      if (count > 0) lines.push(`${MASK_LINES[note](name)}: ${count}`);
    }
  }
  for (const [name, category] of categories) {
    lines.push(...imageLines(name, category));
  }
  return [...lines, ...summary.reading?.notes ?? []];
}
