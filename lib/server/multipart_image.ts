/**
 * One image out of a form.
 *
 * @module
 */
import { refusal } from "./refusals.ts";

/** What a form says of an image. */
export interface ImageForm {
  /** The file. */
  readonly image: Uint8Array;
  /** What the product is called, where the form says it. */
  readonly category: string | undefined;
}

const encoder = new TextEncoder();

/** Whether the body goes on to the line that ends a form. */
function isWhole(body: Uint8Array, contentType: string): boolean {
  const [, quoted, plain] =
    /;\s*boundary=(?:"([^"]+)"|([^\s;]+))/i.exec(contentType) ?? [];
  const boundary = quoted ?? plain;
  if (boundary === undefined) return false;
  const end = encoder.encode(`--${boundary}--`);
  let last = body.length;
  while (last > 0 && /\s/.test(String.fromCharCode(body[last - 1]!))) last--;
  const tail = body.subarray(Math.max(last - end.length, 0), last);
  return tail.length === end.length && end.every((byte, i) => byte === tail[i]);
}

async function parse(
  body: Uint8Array<ArrayBuffer>,
  contentType: string,
): Promise<FormData> {
  const message = "Cannot read the form as it must be whole and valid";
  if (!isWhole(body, contentType)) throw refusal(400, message);
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
 * @param body The form
 * @param contentType Its media type with the boundary
 * @returns The image
 * @throws {HTTPException} 400 if it is no such form
 */
export async function multipartImage(
  body: Uint8Array<ArrayBuffer>,
  contentType: string,
): Promise<ImageForm> {
  const form = await parse(body, contentType);
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
