/**
 * What a CSV file was made with, in a file of its own beside it: programs that
 * read CSV know no comments, and a spreadsheet would show them.
 *
 * @see https://www.w3.org/TR/tabular-data-primer/
 *
 * @module
 */
import { runNotes } from "./figures_csv.ts";
import type { Separator } from "./scores_csv.ts";
import type { Summary } from "./summary.ts";

/** A metadata file is called like the CSV file, with this behind it. */
export const CSV_METADATA_END = "-metadata.json";

/**
 * Encodes the metadata of a CSV file, as CSV on the Web has it.
 *
 * @param file The name of the CSV file.
 * @param summary The evaluation.
 * @param delimiter What stands between its fields.
 * @returns A JSON file; `notes` holds model, data, prompts, smoothing and
 * version.
 */
export function encodeCsvMetadata(
  file: string,
  summary: Summary,
  delimiter: Separator = ",",
): Uint8Array<ArrayBuffer> {
  const metadata = {
    "@context": "http://www.w3.org/ns/csvw",
    url: file,
    dialect: { delimiter },
    notes: [{ ...runNotes(summary), prompts: summary.prompts }],
  };
  return new TextEncoder().encode(`${JSON.stringify(metadata, null, 2)}\n`);
}
