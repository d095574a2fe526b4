/**
 * What is wrong with a value, by a zod schema whose messages complete the
 * sentence "KEY must be ...".
 *
 * @module
 */
import type { z } from "zod";
import { shownJson } from "../files/shown_json.ts";

function pathOf(keys: readonly PropertyKey[]): string {
  return keys.map((key, i) => {
    const name = String(key);
    if (!/^[\w-]+$/.test(name)) return `["${name}"]`;
    return i === 0 ? name : `.${name}`;
  }).join("");
}

/** A bad key of a record says why in an issue of its own. */
function messageOf(issue: z.core.$ZodIssue): string {
  return issue.code === "invalid_key"
    ? issue.issues[0]!.message
    : issue.message;
}

/**
 * Checks a value.
 *
 * @param root What messages call the value.
 * @returns What the schema makes of it, and all that is wrong with it, each as
 * "KEY must be ...: current value is ...".
 */
export function checkSchema<T>(
  schema: z.ZodType<T>,
  value: unknown,
  root: string,
): { readonly data?: T | undefined; readonly problems: readonly string[] } {
  const { data, error } = schema.safeParse(value, { reportInput: true });
  const problems = error?.issues.map((issue) =>
    `${pathOf([root, ...issue.path])} must be ${messageOf(issue)}: ` +
    `current value is ${shownJson(issue.input)}`
  );
  return { data, problems: problems ?? [] };
}
