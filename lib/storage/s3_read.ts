/**
 * Reading an object of a bucket.
 *
 * @module
 */
import type { ByteRange } from "../files/stored_bytes.ts";
import {
  GetObjectCommand,
  HeadObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { checkRange } from "./keys.ts";
import {
  type ObjectInfo,
  type ReadOptions,
  StorageError,
  type StoreOptions,
  tooLarge,
} from "./object_store.ts";
import { type Opened, resumedBody } from "./s3_body.ts";
import { statusOf } from "./s3_errors.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** An object, and how it is reached. */
export interface S3Object {
  /** The client. */
  readonly client: S3Client;
  /** How the SDK names it. */
  readonly name: { readonly Bucket: string; readonly Key: string };
  /** Its address, for messages. */
  readonly location: string;
  /** Failures in a row after which to give up. */
  readonly attempts: number;
}

/** How the SDK is given a signal. */
export function sending(
  { signal }: StoreOptions,
): { abortSignal?: AbortSignal } {
  return signal === undefined ? {} : { abortSignal: signal };
}

/** An ETag as it is compared. */
export function withoutQuotes(etag: string | undefined): string {
  return etag?.replaceAll('"', "") ?? "";
}

/**
 * Looks an object up.
 *
 * @returns Its size and tag; null where there is none.
 */
export async function headObject(
  { client, name }: S3Object,
  options: StoreOptions,
): Promise<Omit<ObjectInfo, "key"> | null> {
  try {
    const command = new HeadObjectCommand(name);
    const { ContentLength = 0, ETag } = await client.send(
      command,
      sending(options),
    );
    return { size: ContentLength, etag: withoutQuotes(ETag) };
  } catch (error) {
    if (statusOf(error) === 404) return null;
    throw error;
  }
}

/** `bytes=5-9` for 5 to 10, 10 excluded. */
function rangeHeader({ start, end }: ByteRange): string {
  return `bytes=${start}-${end === Infinity ? "" : end - 1}`;
}

/** Other bytes would be taken for those of the part. */
function refuseOther({ location }: S3Object, value: string): never {
  const message =
    `Cannot read a part of ${location} as the store must answer ` +
    `with that part: current value is ${value}`;
  throw new StorageError(message, "unavailable");
}

async function get(
  object: S3Object,
  range: ByteRange | undefined,
  options: StoreOptions,
): Promise<Opened> {
  const part = range === undefined ? {} : { Range: rangeHeader(range) };
  const command = new GetObjectCommand({ ...object.name, ...part });
  const output = await object.client.send(command, sending(options));
  const { Body, ContentLength = Infinity, ContentRange, ETag } = output;
  const body = Body!.transformToWebStream() as ReadableStream<Bytes>;
  const etag = withoutQuotes(ETag);
  if (range === undefined) return { body, length: ContentLength, etag };
  const isPart = output.$metadata.httpStatusCode === 206;
  const { start = range.start, size } = toldRange(ContentRange);
  if (!isPart || start !== range.start) {
    await body.cancel();
    refuseOther(object, isPart ? ContentRange! : "all of it");
  }
  // A part may come in several answers; where the size is known, all of it is read.
  const most = Math.min(range.end, size ?? Infinity) - range.start;
  const length = size === undefined ? Math.min(ContentLength, most) : most;
  return { body, length, etag };
}

/** Which part of an object an answer says it is; not all stores say it. */
function toldRange(told = ""): { start?: number; size?: number } {
  const [, start, size] = /^bytes (\d+)-\d+\/(\d+)$/.exec(told) ?? [];
  return start === undefined
    ? {}
    : { start: Number(start), size: Number(size) };
}

function refuse({ location }: S3Object): never {
  const message = `Cannot read ${location} as its version must be the one ` +
    "asked for: current value is another one";
  throw new StorageError(message, "missing");
}

/** A part without bytes, of an object that must be there all the same. */
async function emptyPart(
  object: S3Object,
  options: ReadOptions,
): Promise<ReadableStream<Bytes>> {
  const there = await headObject(object, options);
  if (there === null) {
    const message = `Cannot read ${object.location} as the object must exist`;
    throw new StorageError(message, "missing");
  }
  if ((options.etag ?? there.etag) !== there.etag) refuse(object);
  return new ReadableStream({ start: (controller) => controller.close() });
}

/**
 * Opens an object, or a part of it.
 *
 * @returns Its bytes, over as many connections as it takes.
 */
export async function openBody(
  object: S3Object,
  options: ReadOptions,
): Promise<ReadableStream<Bytes>> {
  const { range, etag, signal, maxBytes = Infinity } = options;
  const { location, attempts } = object;
  if (range !== undefined) checkRange(location, range);
  const isEmpty = range !== undefined && range.start === range.end;
  if (isEmpty) return await emptyPart(object, options);
  const open = (part?: ByteRange) => get(object, part, options);
  try {
    const first = await open(range);
    if (etag !== undefined && etag !== first.etag) {
      await first.body.cancel();
      refuse(object);
    }
    if (first.length > maxBytes && first.length !== Infinity) {
      await first.body.cancel();
      throw tooLarge(location, maxBytes, first.length);
    }
    const start = range?.start ?? 0;
    const how = { location, start, attempts, maxBytes, open, signal };
    return resumedBody(first, how);
  } catch (error) {
    if (statusOf(error) !== 416) throw error;
    return await emptyPart(object, options);
  }
}
