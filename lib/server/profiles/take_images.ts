/**
 * Good images out of a request, into a profile.
 *
 * @module
 */
import { ahead } from "../../async/ahead.ts";
import { STATUS_OF } from "../outcome.ts";
import { formCategory, readForm } from "../requests/multipart_image.ts";
import { refusal } from "../requests/refusals.ts";
import type { Prepared } from "../scoring/image_scorer.ts";
import type { ServerContext, Services } from "../services.ts";
import { noRoom } from "./profile_maker.ts";
import type { ClientProfile } from "./profile_store.ts";

/** Images of a request that are decoded at a time. */
const WIDTH = 4;

/** Parts of a form beside its images. */
const OTHER_PARTS = 20;

/** A form of good images. */
export interface GoodForm {
  /** The files. */
  readonly images: readonly File[];
  /** What the product is called, where the request says it. */
  readonly category: string | undefined;
}

/**
 * Reads the form of a request.
 *
 * @param mostImages Images that it may have.
 * @param known The category that the query or the profile says.
 * @throws {HTTPException} 400 if it is no form, has no images or another
 * category, 413 if it has too many, 415 if it is something else.
 */
export async function readGoodForm(
  c: ServerContext,
  services: Pick<Services, "held" | "parser">,
  mostImages: number,
  known: string | undefined,
): Promise<GoodForm> {
  const contentType = c.req.header("Content-Type") ?? "";
  if (!/^multipart\/form-data\s*;/i.test(contentType)) {
    throw refusal(
      415,
      `Cannot read the good images as the Content-Type must be multipart/form-data: current value is ${
        JSON.stringify(contentType)
      }`,
    );
  }
  const body = c.get("body");
  // The fields are a copy of the body.
  using copy = services.held.tryAcquire(body.length);
  if (copy === undefined) {
    throw refusal(
      503,
      "Cannot read the good images as memory is full of others",
    );
  }
  const most = mostImages + OTHER_PARTS;
  const form = await readForm(c, services, most);
  const images = form.getAll("good").filter((part) => part instanceof File);
  if (images.length === 0) {
    throw refusal(
      400,
      "Cannot read the good images as the form must have files, good",
    );
  }
  const category = formCategory(form.getAll("category"), known);
  return { images, category };
}

/**
 * Decodes images and adds them to a profile: all of them, or none.
 *
 * @throws {HTTPException} 4xx if one cannot be read, 413 if there are too many,
 * 503 if there is no room.
 */
export async function takeImages(
  profile: ClientProfile,
  images: readonly File[],
  { services, mostImages, signal }: {
    readonly services: Services;
    readonly mostImages: number;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const total = profile.pixels.length + images.length;
  if (total > mostImages) {
    throw refusal(
      413,
      `Cannot learn the good images as there must be at most ${mostImages}: current value is ${total}`,
    );
  }
  const scorer = services.scorer()!;
  const decode = async ([number, image]: readonly [number, File]) => {
    const { category } = profile.wish;
    const bytes = await image.bytes();
    const prepared = await scorer.prepare(bytes, category, signal);
    if (!("status" in prepared)) return prepared;
    throw refusal(
      STATUS_OF[prepared.reason],
      `Cannot learn the good images as each must be readable: image ${number} is not (${prepared.error})`,
    );
  };
  const numbered = async function* () {
    yield* images.map((image, i) => [i + 1, image] as const);
  };
  const found: Prepared[] = [];
  for await (const image of ahead(numbered(), decode, WIDTH)) found.push(image);
  assertTiles(profile, found, mostImages);
  const pixels = [...profile.pixels, ...found.map((image) => image.pixels)];
  if (!profile.holds(pixels.reduce((sum, { length }) => sum + length, 0))) {
    throw noRoom();
  }
  profile.pixels.push(...pixels.slice(profile.pixels.length));
  for (const { pixels, frame } of found) {
    if (frame !== undefined) profile.frames.set(pixels, frame);
  }
}

/** Each tile takes the memory of an image to learn. */
function assertTiles(
  { pixels, frames }: ClientProfile,
  found: readonly Prepared[],
  mostImages: number,
): void {
  const all = [
    ...pixels.map((image) => frames.get(image)),
    ...found.map(({ frame }) => frame),
  ];
  const tiles = all.reduce(
    (sum, frame) => sum + (frame?.places.length ?? 1),
    0,
  );
  if (tiles <= mostImages) return;
  throw refusal(
    413,
    `Cannot learn the good images as they must have at most ${mostImages} tiles together: current value is ${tiles}`,
  );
}
