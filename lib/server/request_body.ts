/**
 * Bodies that are read, counted and held in memory.
 *
 * @module
 */
import { HTTPException } from "hono/http-exception";
import { assertBounded, JSON_REGEXP } from "./json_bounds.ts";
import { refusal } from "./refusals.ts";
import type { Middleware, Services } from "./services.ts";

type Bytes = Uint8Array<ArrayBuffer>;

function assertPlain(headers: Headers, limit: number): void {
  const coding = headers.get("Content-Encoding") ?? "identity";
  if (coding !== "identity") {
    const message = "Cannot read the body as its Content-Encoding must be " +
      `identity: current value is ${JSON.stringify(coding)}`;
    throw refusal(415, message, { "Accept-Encoding": "identity" });
  }
  const length = Number(headers.get("Content-Length") ?? 0);
  if (length > limit) throw tooLarge(limit);
}

function tooLarge(limit: number): Error {
  return refusal(
    413,
    `Cannot read the body as it must have at most ${limit} bytes`,
  );
}

function joined(chunks: readonly Uint8Array[], size: number): Bytes {
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

async function read(
  body: ReadableStream<Uint8Array>,
  signal: AbortSignal,
  onChunk: (size: number) => void,
): Promise<Bytes> {
  const reader = body.getReader();
  const cancel = () => void reader.cancel(signal.reason).catch(() => {});
  signal.addEventListener("abort", cancel);
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      signal.throwIfAborted();
      if (done) return joined(chunks, size);
      size += value.length;
      onChunk(size);
      chunks.push(value);
    }
  } catch (error) {
    cancel();
    throw error;
  } finally {
    signal.removeEventListener("abort", cancel);
  }
}

/**
 * Reads bodies before handlers do. The bytes are counted as they come,
 * whatever the headers say, and so are those of all requests together. JSON is
 * looked at before anybody parses it.
 *
 * @param services Bounds
 * @returns Middleware that answers 413, 415 and 503
 */
export function boundedBody(
  { limits, held, metrics, lifecycle }: Pick<
    Services,
    "limits" | "held" | "metrics" | "lifecycle"
  >,
): Middleware {
  return async (c, next) => {
    const { raw } = c.req;
    assertPlain(raw.headers, limits.bodyBytes);
    using taken = new DisposableStack();
    const start = performance.now();
    let counted = 0;
    function count(size: number): void {
      if (size > limits.bodyBytes) throw tooLarge(limits.bodyBytes);
      const more = held.tryAcquire(size - counted);
      if (more === undefined) {
        throw refusal(503, "Cannot read the body as memory is full of others");
      }
      taken.use(more);
      counted = size;
    }
    const signal = c.get("signal");
    const body = raw.body === null
      ? new Uint8Array(0)
      : await read(raw.body, signal, count).catch((error) => {
        if (error instanceof HTTPException) throw error;
        throw refusalOf(signal, lifecycle);
      });
    metrics.stageDone("read", performance.now() - start);
    if (JSON_REGEXP.test(raw.headers.get("Content-Type") ?? "")) {
      assertBounded(body);
    }
    c.set("body", body);
    const { method, headers } = raw;
    c.req.raw = new Request(raw.url, { method, headers, body });
    await next();
  };
}

/** Why a body could not be read. */
function refusalOf(
  signal: AbortSignal,
  { phase }: Services["lifecycle"],
): Error {
  if (signal.aborted && signal.reason?.name === "TimeoutError") {
    return refusal(408, "Cannot read the body as it took too long");
  }
  // A socket that is being closed breaks off what is still coming in.
  if (signal.aborted || phase === "draining") {
    return refusal(503, "Cannot read the body as the server ends");
  }
  return refusal(400, "Cannot read the body as it is not whole");
}
