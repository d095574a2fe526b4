/**
 * Creates an object of a bucket, unless there is one with its key.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import {
  StorageError,
  type StoreOptions,
  type WriteOptions,
} from "./object_store.ts";
import { statusOf } from "./s3_errors.ts";
import { headObject, openBody, type S3Object, sending } from "./s3_read.ts";
import { waitAfter } from "./s3_retry.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** Whether it was written; false where one was there. */
async function putNew(
  { client, name }: S3Object,
  bytes: Bytes,
  options: WriteOptions,
): Promise<boolean> {
  const command = new PutObjectCommand({
    ...name,
    Body: bytes,
    ContentType: options.contentType,
    IfNoneMatch: "*",
  });
  try {
    await client.send(command, sending(options));
    return true;
  } catch (error) {
    if (statusOf(error) === 412) return false;
    throw error;
  }
}

/** Whether the object there has these bytes; null where there is none. */
async function isSame(
  object: S3Object,
  bytes: Bytes,
  options: StoreOptions,
): Promise<boolean | null> {
  const there = await headObject(object, options);
  if (there === null) return null;
  if (there.size !== bytes.length) return false;
  const md5 = createHash("md5").update(bytes).digest("hex");
  if (there.etag === md5) return true;
  const bounded = { ...options, maxBytes: bytes.length };
  const read = await new Response(await openBody(object, bounded)).bytes();
  return read.every((byte, i) => byte === bytes[i]);
}

/**
 * Writes an object in one request that fails where there is one already. An
 * earlier attempt whose answer was lost may be that one, so it is compared.
 *
 * @returns Whether the object there has these bytes.
 * @throws {StorageError} If it is still contended after all attempts.
 */
export async function createObject(
  object: S3Object,
  bytes: Bytes,
  options: WriteOptions,
): Promise<boolean> {
  for (let attempt = 1; attempt <= object.attempts; attempt++) {
    if (await putNew(object, bytes, options)) return true;
    const same = await isSame(object, bytes, options);
    if (same !== null) return same;
    await waitAfter(attempt, options.signal);
  }
  const message = `Cannot create ${object.location} as others must have done ` +
    `with it: current value is ${object.attempts} conflicts`;
  throw new StorageError(message, "unavailable");
}
