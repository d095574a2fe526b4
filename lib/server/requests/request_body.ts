/**
 * Bodies that are read, counted and held in memory.
 *
 * @module
 */
import { HTTPException } from "hono/http-exception";
import { JSON_REGEXP } from "./parsing/json_bounds.ts";
import { refusal } from "./refusals.ts";
import { orAbort } from "../../async/abortable.ts";
import {
  type GrowingBody,
  SlowBodyError,
  tooLarge,
} from "./incoming_bodies.ts";
import type { Middleware, Services } from "../services.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** Checks the headers; the length that they claim, undefined for none. */
function claimedLength(headers: Headers, limit: number): number | undefined {
  const coding = headers.get("Content-Encoding") ?? "identity";
  if (coding !== "identity") {
    const message = "Cannot read the body as its Content-Encoding must be " +
      `identity: current value is ${JSON.stringify(coding)}`;
    throw refusal(415, message, { "Accept-Encoding": "identity" });
  }
  const claim = headers.get("Content-Length");
  if (claim === null) return undefined;
  if (Number(claim) > limit) throw tooLarge(limit);
  return Number(claim);
}

function silent({ silenceMilliseconds }: Services["limits"]): Error {
  return refusal(
    408,
    `Cannot read the body as nothing came for ${
      silenceMilliseconds / 1000
    } seconds`,
  );
}

function slow(): Error {
  return refusal(
    408,
    "Cannot read the body as it came slowly while others waited for its memory",
  );
}

/** Thrown where a client sends nothing for too long. */
class SilenceError extends Error {}

/** Aborts when nothing has been heard for a while. */
class Silence implements Disposable {
  readonly #controller = new AbortController();
  readonly #milliseconds: number;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(milliseconds: number) {
    this.#milliseconds = milliseconds;
    this.heard();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  heard(): void {
    clearTimeout(this.#timer);
    const end = () => this.#controller.abort(new SilenceError());
    this.#timer = setTimeout(end, this.#milliseconds);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}

async function read(
  stream: ReadableStream<Uint8Array>,
  { signal: outer, silenceMilliseconds }: {
    readonly signal: AbortSignal;
    readonly silenceMilliseconds: number;
  },
  body: GrowingBody,
): Promise<Bytes> {
  const reader = stream.getReader();
  using silence = new Silence(silenceMilliseconds);
  const signal = AbortSignal.any([outer, silence.signal, body.signal]);
  try {
    for (;;) {
      const { done, value } = await orAbort(reader.read(), signal);
      if (done) return body.whole();
      silence.heard();
      body.add(value);
    }
  } catch (error) {
    reader.cancel(error).catch(() => {});
    throw error;
  }
}

/**
 * Reads bodies before handlers do. The bytes are counted as they come,
 * whatever the headers say, and so is the memory of all requests together.
 * JSON is parsed.
 *
 * @returns Middleware that answers 400, 408, 413, 415 and 503.
 */
export function boundedBody(
  { limits, bodies, metrics, lifecycle, parser }: Pick<
    Services,
    "limits" | "bodies" | "metrics" | "lifecycle" | "parser"
  >,
): Middleware {
  return async (c, next) => {
    const { raw } = c.req;
    const claimed = claimedLength(raw.headers, limits.bodyBytes);
    using growing = bodies.begin(limits.bodyBytes, claimed);
    const start = performance.now();
    const signal = c.get("signal");
    const { silenceMilliseconds } = limits;
    const body = raw.body === null
      ? growing.whole()
      : await read(raw.body, { signal, silenceMilliseconds }, growing)
        .catch((error) => {
          if (error instanceof HTTPException) throw error;
          if (error instanceof SilenceError) throw silent(limits);
          if (error instanceof SlowBodyError) throw slow();
          throw refusalOf(signal, lifecycle);
        });
    metrics.stageDone("read", performance.now() - start);
    c.set("body", body);
    // A route of JSON asks whether there is a body where no type is named.
    c.req.arrayBuffer = () => Promise.resolve(body.buffer);
    if (JSON_REGEXP.test(raw.headers.get("Content-Type") ?? "")) {
      const json = await parser.parse(body, { kind: "json" }, signal);
      c.set("json", json);
      // Validators of routes ask for it there. What Hono keeps for them is a
      // text, which it would parse again.
      c.req.json = <T>() => Promise.resolve(json as T);
    }
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
