/**
 * Numbers in the query of a request.
 *
 * @module
 */
import { z } from "@hono/zod-openapi";

const DECIMAL_REGEXP = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/**
 * Makes a schema of a decimal number. To `Number()`, a text that is empty would
 * be 0, and 0x10 be 16.
 *
 * @param number What the number must be.
 * @returns The schema.
 */
export function numberQuery(number: z.ZodNumber): z.ZodType<number> {
  const toNumber = (text: unknown) =>
    typeof text === "string" && DECIMAL_REGEXP.test(text)
      ? Number(text)
      : undefined;
  return z.preprocess(toNumber, number);
}
