/**
 * Text files that appear only when they are whole.
 *
 * @module
 */
import { writeAll, writeWhole } from "../files/whole_file.ts";

/** Writes a text file, or replaces it, as a whole. */
export async function writeText(path: string, text: string): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  await writeWhole(path, (file) => writeAll(file, bytes));
}

/** Writes a JSON file, or replaces it, as a whole. */
export async function writeJson(path: string, value: unknown): Promise<void> {
  await writeText(path, `${JSON.stringify(value, null, 2)}\n`);
}
