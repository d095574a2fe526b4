/**
 * Schemas of JSON that lies in a store, where others may have written it.
 *
 * @module
 */
import { z } from "zod";

/**
 * A record whose values all have one schema. In contrast to `z.record` it keeps
 * the key `__proto__`, which a category may have.
 *
 * @param value The schema of each value.
 * @returns The schema of the record.
 */
export function recordOf<T>(
  value: z.ZodType<T>,
): z.ZodType<Record<string, T>> {
  const isRecord = (found: unknown) =>
    typeof found === "object" && found !== null && !Array.isArray(found);
  return z.custom<object>(isRecord, "must be an object").transform((record) =>
    Object.fromEntries(
      Object.entries(record).map(([key, found]) => [key, value.parse(found)]),
    )
  );
}

/**
 * Reads JSON.
 *
 * @param schema The schema of the value.
 * @param text The JSON.
 * @returns The value.
 * @throws {SyntaxError} If it is not JSON.
 * @throws {TypeError} If it is other JSON.
 */
export function parseJson<T>(schema: z.ZodType<T>, text: string): T {
  const found = schema.safeParse(JSON.parse(text));
  if (found.success) return found.data;
  throw new TypeError(z.prettifyError(found.error).replaceAll("\n", " "));
}
