/**
 * Many images in one request.
 *
 * @module
 */
import { z } from "@hono/zod-openapi";
import { ahead } from "../../async/ahead.ts";
import type { Limits } from "../limits.ts";
import { abortedOutcome, failed, type Outcome } from "../outcome.ts";
import { useProfile } from "../profiles/use_profile.ts";
import { tooMany } from "../requests/parsing/parse_body.ts";
import { readObject } from "../requests/read_object.ts";
import { refusal, schemaComplaint } from "../requests/refusals.ts";
import type { ServerContext, Services } from "../services.ts";

/** Images of one request that are worked on at one time. */
const WIDTH = 16;

/** Base64, or the bytes that were in it. */
export type EncodedBytes = string | Uint8Array;

/** One image of a request. */
export interface RequestItem {
  b64?: EncodedBytes | undefined;
  uri?: string | undefined;
  image?: { b64: EncodedBytes } | undefined;
  category?: string | undefined;
  profile?: string | undefined;
}

const EncodedSchema = z.custom<EncodedBytes>((value) =>
  typeof value === "string" || value instanceof Uint8Array
).openapi({ type: "string" });

/** What a request says of one image. */
export const ItemSchema: z.ZodType<RequestItem> = z.object({
  b64: EncodedSchema.optional(),
  uri: z.string().optional(),
  image: z.object({ b64: EncodedSchema }).optional(),
  category: z.string().optional(),
  profile: z.string().optional(),
}).openapi("Item", {
  description: "An image: its bytes in base64 (b64, or image.b64) or the " +
    "address of an object (uri); profile is the id of one that was made here",
  example: { uri: "s3://bucket/images/1.png", category: "bottle" },
});

function bytesOf(text: EncodedBytes): Uint8Array | undefined {
  if (text instanceof Uint8Array) return text;
  try {
    return Uint8Array.fromBase64(text);
  } catch {
    return undefined;
  }
}

async function itemBytes(
  { b64, uri, image }: RequestItem,
  { input, limits }: Services,
  signal: AbortSignal,
): Promise<Uint8Array | Outcome> {
  const given = [b64, uri, image].filter((part) => part !== undefined);
  if (given.length !== 1) {
    return failed(
      "invalid_request",
      "Cannot read an image as it must have one of b64, uri and image",
    );
  }
  if (uri !== undefined) {
    const maxBytes = limits.bodyBytes;
    return await readObject(input, uri, { maxBytes, signal });
  }
  return bytesOf(b64 ?? image!.b64) ??
    failed("invalid_request", "Cannot read an image as it must be base64");
}

/**
 * Refuses more images than one request may have.
 *
 * @param count How many there are.
 * @param limits Bounds.
 * @throws {HTTPException} 413 if there are too many.
 */
export function assertFew(
  count: number,
  { items }: Pick<Limits, "items">,
): void {
  if (count > items) throw tooMany(count, items);
}

/**
 * Refuses work while as many images wait for a place as there are places.
 *
 * @param services Places and bounds.
 * @throws {HTTPException} 429 if too many wait.
 */
export function assertQueueRoom(
  { slots, limits }: Pick<Services, "slots" | "limits">,
): void {
  if (slots.waiting < limits.queue) return;
  throw refusal(429, "Cannot score the images as too many others wait");
}

interface ItemParts {
  readonly services: Services;
  readonly signal: AbortSignal;
  readonly category: string | undefined;
  readonly profile: string | undefined;
}

async function itemOutcome(
  value: unknown,
  { services, signal, ...asked }: ItemParts,
): Promise<Outcome> {
  function refused(outcome: Outcome): Outcome {
    services.metrics.imageDone(outcome);
    return outcome;
  }
  const { data: item, error } = ItemSchema.safeParse(value);
  if (item === undefined) {
    const complaint = schemaComplaint("an image", error);
    return refused(failed("invalid_request", complaint));
  }
  const { category = asked.category, profile: id = asked.profile } = item;
  const profile = id === undefined
    ? undefined
    : useProfile(services.profiles, { id, category });
  if (profile !== undefined && "status" in profile) return refused(profile);
  using _profile = profile;
  try {
    using _slot = await services.slots.acquire(1, signal);
    const { limits, objects } = services;
    using held = item.uri === undefined
      ? undefined
      : await objects.acquire(limits.bodyBytes, signal);
    const bytes = await itemBytes(item, services, signal);
    held?.shrink(bytes instanceof Uint8Array ? bytes.length : 0);
    if (!(bytes instanceof Uint8Array)) return refused(bytes);
    const scorer = services.scorer()!;
    return await scorer.score(bytes, {
      category: profile?.category ?? category ?? services.object,
      profile: profile?.learned,
    }, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
    return refused(abortedOutcome(signal.reason));
  }
}

/** Options of {@linkcode scoreItems}. */
export interface ScoreItemsOptions {
  /** Category of images that come with none. */
  readonly category?: string | undefined;
  /** The id of a profile for images that come with none. */
  readonly profile?: string | undefined;
}

/**
 * Scores the images of a request. A bad image is a result with its
 * reason.
 *
 * @typeParam R What is made of each outcome.
 * @param items What the request says of each image.
 * @param finish Makes a result of an outcome.
 * @param options The category, and the profile.
 * @returns One result an image, in order.
 * @throws {HTTPException} 413 if there are too many, 429 if too many wait.
 */
export async function scoreItems<R>(
  { c, services }: { c: ServerContext; services: Services },
  items: readonly unknown[],
  finish: (outcome: Outcome) => R | Promise<R>,
  options: ScoreItemsOptions = {},
): Promise<R[]> {
  const { limits } = services;
  assertFew(items.length, limits);
  assertQueueRoom(services);
  const signal = c.get("signal");
  const { category, profile } = options;
  async function one(value: unknown): Promise<R> {
    return await finish(
      await itemOutcome(value, { services, signal, category, profile }),
    );
  }
  async function* stream(): AsyncGenerator<unknown> {
    yield* items;
  }
  return await Array.fromAsync(ahead(stream(), one, WIDTH));
}
