/**
 * One image out of a form.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { refusal } from "./refusals.ts";

/** What a form says of an image. */
export interface ImageForm {
  /** The file. */
  readonly image: Uint8Array;
  /** What the product is called, where the form says it. */
  readonly category: string | undefined;
}

/** Lines that part a form; two are enough for an image and its category. */
const MAX_BOUNDARIES = 20;
/** Blank bytes that may follow a form. */
const MAX_BLANKS = 64;

/** A form as it came. */
interface FormBody {
  readonly body: Uint8Array<ArrayBuffer>;
  /** Its media type with the boundary. */
  readonly contentType: string;
}

/** Whether the body goes on to the line that ends a form of few parts. */
function isWhole({ body, contentType }: FormBody, mostParts: number): boolean {
  const [, quoted, plain] =
    /;\s*boundary=(?:"([^"]+)"|([^\s;]+))/i.exec(contentType) ?? [];
  const boundary = quoted ?? plain;
  if (boundary === undefined) return false;
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.length);
  const end = bytes.subarray(-boundary.length - 4 - MAX_BLANKS).toString();
  if (!end.trimEnd().endsWith(`--${boundary}--`)) return false;
  let at = -1;
  for (let count = 0; count <= mostParts; count++) {
    at = bytes.indexOf(`\r\n--${boundary}`, at + 1);
    if (at < 0) return true;
  }
  return false;
}

/**
 * Reads a form.
 *
 * @param form The form as it came.
 * @param mostParts Parts that it may have, and a few.
 * @returns Its fields.
 * @throws {HTTPException} 400 if it is not whole, or has more parts.
 */
export async function readForm(
  form: FormBody,
  mostParts: number,
): Promise<FormData> {
  const { body, contentType } = form;
  const message =
    "Cannot read the form as it must be whole and valid, and have few parts";
  if (!isWhole(form, mostParts)) throw refusal(400, message);
  const headers = { "Content-Type": contentType };
  try {
    return await new Response(body, { headers }).formData();
  } catch {
    throw refusal(400, message);
  }
}

/**
 * Reads a form with a file `image` and, maybe, a text `category`.
 *
 * @param body The form.
 * @param contentType Its media type with the boundary.
 * @returns The image.
 * @throws {HTTPException} 400 if it is no such form.
 */
export async function multipartImage(
  body: Uint8Array<ArrayBuffer>,
  contentType: string,
): Promise<ImageForm> {
  const form = await readForm({ body, contentType }, MAX_BOUNDARIES);
  const [image, ...others] = form.getAll("image");
  if (!(image instanceof File) || others.length > 0) {
    throw refusal(400, "Cannot read the form as it must have one file, image");
  }
  const category = form.get("category");
  return {
    image: await image.bytes(),
    category: typeof category === "string" ? category : undefined,
  };
}
