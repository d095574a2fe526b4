/**
 * Answers of a bucket that are no objects, such as pages of a listing and
 * errors. The SDK reads them into memory whole, however long they are.
 *
 * @module
 */
import type { S3Client } from "@aws-sdk/client-s3";

/**
 * The most bytes of an answer. A page of a listing has 1,000 keys of 1,024
 * bytes, of which XML may write six for each.
 */
const MOST_BYTES = 2 ** 24;

/** What the SDK has of an answer. */
interface Answer {
  readonly statusCode: number;
  body?: unknown;
}

function isAnswer(value: unknown): value is Answer {
  return typeof value === "object" && value !== null && "statusCode" in value;
}

function isStream(body: unknown): body is AsyncIterable<Uint8Array> {
  return typeof body === "object" && body !== null &&
    Symbol.asyncIterator in body;
}

/** Leaving the loop closes the connection. */
async function readBounded(
  body: AsyncIterable<Uint8Array>,
): Promise<Uint8Array> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > MOST_BYTES) {
      throw new Error(`its answer has more than ${MOST_BYTES} bytes`);
    }
    chunks.push(new Uint8Array(chunk));
  }
  return await new Blob(chunks).bytes();
}

/**
 * Has a client read answers that are no objects up to a bound. Objects are
 * streams, bounded where they are read.
 */
export function boundAnswers(client: S3Client): void {
  client.middlewareStack.add(
    (next, { commandName }) => async (args) => {
      const result = await next(args);
      const { response } = result;
      if (!isAnswer(response) || !isStream(response.body)) return result;
      const isObject = commandName === "GetObjectCommand" &&
        response.statusCode < 300;
      if (!isObject) response.body = await readBounded(response.body);
      return result;
    },
    // The innermost, before the SDK reads the answer.
    { name: "boundAnswers", step: "deserialize", priority: "low" },
  );
}
