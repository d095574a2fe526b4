/**
 * The files of a form.
 *
 * @module
 */
import { z } from "zod";

/** A form as JSON Schema; anything else has no properties. */
const Form = z.object({
  properties: z.record(
    z.string(),
    z.object({
      format: z.string().optional(),
      items: z.object({ format: z.string().optional() }).optional(),
    }),
  ),
});

/**
 * Finds the fields of a form that are files.
 *
 * @param schema The form as JSON Schema.
 * @returns Name -> how many files the field may have.
 */
export function formFiles(schema: unknown): Record<string, "one" | "many"> {
  const { data } = Form.safeParse(schema);
  const files: Record<string, "one" | "many"> = {};
  for (const [name, field] of Object.entries(data?.properties ?? {})) {
    if (field.format === "binary") files[name] = "one";
    else if (field.items?.format === "binary") files[name] = "many";
  }
  return files;
}
