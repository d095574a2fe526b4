/**
 * Which figures are absent, and why, in as few sentences as it takes.
 *
 * @module
 */
import {
  type CategorySummary,
  FIGURE_NAMES,
  type FigureName,
  FIGURES,
  type Summary,
} from "../results/summary.ts";

/** Categories that lack the same figures for the same reason. */
export interface Absence {
  /** Why. */
  readonly reason: string;
  /** The figures, in the order of tables. */
  readonly figures: readonly FigureName[];
  /** The categories, in the order of the summary. */
  readonly categories: readonly string[];
}

function absentIn(category: CategorySummary): Map<string, FigureName[]> {
  const byReason = new Map<string, FigureName[]>();
  for (const figure of FIGURES) {
    const reason = category.absent[figure];
    if (reason === undefined) continue;
    byReason.set(reason, [...(byReason.get(reason) ?? []), figure]);
  }
  return byReason;
}

/**
 * Groups the absent figures of all categories by figure and reason.
 *
 * @param summary The evaluation.
 * @returns One entry per distinct reason and set of figures.
 */
export function absences(summary: Summary): Absence[] {
  const groups = new Map<string, Absence & { categories: string[] }>();
  for (const [name, category] of Object.entries(summary.categories)) {
    for (const [reason, figures] of absentIn(category)) {
      const id = JSON.stringify([reason, figures]);
      const group = groups.get(id) ?? { reason, figures, categories: [] };
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
  const { figures, categories, reason } = absence;
  const total = Object.keys(summary.categories).length;
  const what = figures.length === FIGURES.length
    ? "All figures"
    : figures.map((figure) => FIGURE_NAMES[figure]).join(", ");
  const where = total > 1 && categories.length === total
    ? "all categories"
    : categories.join(", ");
  return `${what} absent in ${where}: ${reason}`;
}

/**
 * Says what else a reader of the figures must know: means over fewer than
 * all categories, and masks that did not take part.
 *
 * @param summary The evaluation.
 * @returns Lines without full stops.
 */
export function coverageLines(summary: Summary): string[] {
  const categories = Object.entries(summary.categories);
  const total = categories.length;
  const lines: string[] = [];
  const counts = new Set(FIGURES.map((figure) => summary.counted[figure]));
  for (const count of [...counts].filter((n) => n > 0 && n < total)) {
    const figures = FIGURES.filter((f) => summary.counted[f] === count);
    const names = figures.map((figure) => FIGURE_NAMES[figure]).join(", ");
    lines.push(`Mean of ${names} over ${count} of ${total} categories`);
  }
  for (const [name, { masks_missing, masks_lost }] of categories) {
    if (masks_missing > 0) {
      lines.push(
        `Defective without a mask in ${name}, left out of pixel figures: ${masks_missing}`,
      );
    }
    if (masks_lost > 0) {
      lines.push(`Masks lost on resizing in ${name}: ${masks_lost}`);
    }
  }
  return lines;
}
