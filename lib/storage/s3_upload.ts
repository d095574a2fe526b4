/**
 * Writes an object of a bucket, a large one in parts.
 *
 * @module
 */
import { Upload } from "@aws-sdk/lib-storage";
import type { WriteOptions } from "./object_store.ts";
import type { S3Object } from "./s3_read.ts";

/** S3 allows 10,000 parts, so 80 GiB. */
const PART_BYTES = 1 << 23;
const PARTS_AT_ONCE = 2;

type Body = Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array<ArrayBuffer>>;

async function uploadOnce(
  { client, name }: S3Object,
  body: Body,
  { contentType, signal }: WriteOptions,
): Promise<void> {
  const params = { ...name, Body: body, ContentType: contentType };
  const sizes = { partSize: PART_BYTES, queueSize: PARTS_AT_ONCE };
  const upload = new Upload({ client, params, ...sizes });
  const abort = () => void upload.abort();
  signal?.addEventListener("abort", abort, { once: true });
  try {
    await upload.done();
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}

function isForgotten(error: unknown): boolean {
  return error instanceof Error && error.name === "NoSuchUpload";
}

/**
 * Writes an object, over another one if need be.
 *
 * @param body Its bytes, or a stream of them, which is sent only once.
 */
export async function uploadObject(
  object: S3Object,
  body: Body,
  options: WriteOptions,
): Promise<void> {
  for (let attempt = 1;; attempt++) {
    try {
      return await uploadOnce(object, body, options);
    } catch (error) {
      const isLast = attempt >= object.attempts;
      const isOnce = !(body instanceof Uint8Array);
      if (!isForgotten(error) || isLast || isOnce) throw error;
    }
  }
}
