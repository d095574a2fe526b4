/**
 * One image out of a form.
 *
 * @module
 */
import type { ServerContext, Services } from "../services.ts";
import type { FormPart } from "./parsing/parse_body.ts";
import { refusal } from "./refusals.ts";

/** What a form says of an image. */
export interface ImageForm {
  /** The file. */
  readonly image: Uint8Array;
  /** What the product is called, where the form or the query says it. */
  readonly category: string | undefined;
}

/** Lines that part a form; two are enough for an image and its category. */
const MAX_BOUNDARIES = 20;

async function partsOf(
  c: ServerContext,
  { parser }: Pick<Services, "parser">,
  most: number,
): Promise<FormPart[]> {
  const contentType = c.req.header("Content-Type") ?? "";
  const how = { kind: "form", contentType, most } as const;
  return await parser.parse(c.get("body"), how, c.get("signal"));
}

/**
 * Reads the form of a request.
 *
 * @param mostParts Parts that it may have, and a few.
 * @returns Its fields.
 * @throws {HTTPException} 400 if it is not whole, or has more parts.
 */
export async function readForm(
  c: ServerContext,
  services: Pick<Services, "parser">,
  mostParts: number,
): Promise<FormData> {
  const form = new FormData();
  for (
    const { name, value, fileName = "" } of await partsOf(
      c,
      services,
      mostParts,
    )
  ) {
    if (typeof value === "string") form.append(name, value);
    else form.append(name, new File([value], fileName));
  }
  return form;
}

/**
 * Finds what the product is called.
 *
 * @param values The fields `category` of a form.
 * @param known What the query of the request or its profile says.
 * @returns Undefined where neither says it.
 * @throws {HTTPException} 400 if the form has two, a file, or another one.
 */
export function formCategory(
  values: readonly unknown[],
  known: string | undefined,
): string | undefined {
  const [value, ...others] = values;
  if (value === undefined) return known;
  if (typeof value !== "string" || others.length > 0) {
    throw refusal(
      400,
      "Cannot read the form as it must have at most one category, a text",
    );
  }
  if (known === undefined || known === value) return value;
  throw refusal(
    400,
    `Cannot read the form as its category must be that of the query or the profile, ${
      JSON.stringify(known)
    }: current value is ${JSON.stringify(value)}`,
  );
}

/**
 * Reads a form with a file `image` and, maybe, a text `category`.
 *
 * @param queried The category that the query of the request says.
 * @returns The image.
 * @throws {HTTPException} 400 if it is no such form.
 */
export async function multipartImage(
  c: ServerContext,
  services: Pick<Services, "parser">,
  queried: string | undefined,
): Promise<ImageForm> {
  const parts = await partsOf(c, services, MAX_BOUNDARIES);
  const [image, ...others] = parts.filter(({ name }) => name === "image");
  if (typeof image?.value !== "object" || others.length > 0) {
    throw refusal(400, "Cannot read the form as it must have one file, image");
  }
  const categories = parts.filter(({ name }) => name === "category")
    .map(({ value }) => value);
  return { image: image.value, category: formCategory(categories, queried) };
}
