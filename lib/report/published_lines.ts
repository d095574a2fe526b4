/**
 * Metrics of a published score, as text.
 *
 * @module
 */
import { formatMetric } from "./format.ts";

type Metrics = Readonly<
  Record<"i_auroc" | "i_ap" | "i_f1max", number | null>
>;

const NAMES: readonly (readonly [keyof Metrics, string])[] = [
  ["i_auroc", "I-AUROC"],
  ["i_ap", "I-AP"],
  ["i_f1max", "I-F1max"],
];

/**
 * A line for each product.
 *
 * @param metrics By category.
 * @returns The lines; none where there is no product.
 */
export function publishedLines(
  metrics: ReadonlyMap<string, Metrics>,
): string[] {
  if (metrics.size === 0) return [];
  const rows = [...metrics].map(([category, values]) => {
    const parts = NAMES.map(([name, title]) =>
      `${title} ${formatMetric(values[name], "-")}`
    );
    return `  ${category}: ${parts.join(", ")}`;
  });
  return [
    "The published score, which scales the maxima of all maps of a product " +
    "to 0 to 1:",
    ...rows,
  ];
}
