/**
 * What every request passes before its route.
 *
 * @module
 */
import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import { bearerAuth } from "hono/bearer-auth";
import { timingSafeEqual } from "hono/utils/buffer";
import { refusal, refuse } from "./refusals.ts";
import type { Middleware, ServerContext, Services } from "../services.ts";

const METHODS: ReadonlySet<string> = new Set([
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "PATCH",
  "DELETE",
  "OPTIONS",
]);

/**
 * Answers 501 to methods that no route has, because each would become a label
 * of the metrics.
 *
 * @returns Middleware that answers 501.
 */
export function knownMethods(): Middleware {
  return async (c, next) => {
    if (METHODS.has(c.req.method)) return await next();
    return refuse(c, 501, "Cannot answer as there is no such method");
  };
}

/**
 * Answers 400 where the Host header is not a valid host name, because the
 * request's URL cannot then be parsed.
 *
 * @returns Middleware that answers 400.
 */
export function hostRequired(): Middleware {
  return async (c, next) => {
    if (URL.canParse(c.req.url)) return await next();
    return refuse(c, 400, "Cannot answer as the Host header must be a host");
  };
}

const ENCODED_REGEXP = /(?:%[\da-f]{2})+/gi;

function isUtf8(encoded: string): boolean {
  try {
    decodeURIComponent(encoded);
    return true;
  } catch {
    return false;
  }
}

/**
 * Answers 400 where bytes of the address are no UTF-8: Hono would take them as
 * they are written, so that a category would be called `%FC`.
 *
 * @returns Middleware that answers 400.
 */
export function addressInUtf8(): Middleware {
  return async (c, next) => {
    const encoded = c.req.url.match(ENCODED_REGEXP) ?? [];
    if (encoded.every(isUtf8)) return await next();
    return refuse(
      c,
      400,
      "Cannot answer as what is percent-encoded in the address must be UTF-8",
    );
  };
}

/**
 * Ends the body of the answer to a `HEAD` request. Hono makes the answer to
 * `GET` and forgets its body: a report would keep its file open.
 *
 * @returns Middleware that cancels the body.
 */
export function bodyForGet(): Middleware {
  return async (c, next) => {
    await next();
    if (c.req.method !== "HEAD" || c.res.body === null) return;
    await c.res.body.cancel().catch(() => {});
  };
}

/**
 * Ends a request that takes too long, whose client has left, or that is not
 * done when the server ends.
 *
 * @param services Where the server is in its life, and the time of a request.
 * @returns Middleware that leaves a signal.
 */
export function deadline(
  { lifecycle, limits }: Pick<Services, "lifecycle" | "limits">,
): Middleware {
  return async (c, next) => {
    const controller = new AbortController();
    const timer = setTimeout(
      () => controller.abort(new DOMException("Timed out", "TimeoutError")),
      limits.requestMilliseconds,
    );
    const ends = [c.req.raw.signal, lifecycle.ending];
    const leave = () => {
      const { reason } = ends.find(({ aborted }) => aborted)!;
      controller.abort(reason);
    };
    ends.forEach((signal) => signal.addEventListener("abort", leave));
    if (ends.some(({ aborted }) => aborted)) leave();
    c.set("signal", controller.signal);
    try {
      await next();
    } finally {
      clearTimeout(timer);
      ends.forEach((signal) => signal.removeEventListener("abort", leave));
    }
  };
}

/**
 * Asks clients to send their next request elsewhere, once the server ends.
 *
 * @returns Middleware that sets `Connection: close`.
 */
export function closeWhenDraining(
  { lifecycle }: Pick<Services, "lifecycle">,
): Middleware {
  return async (c, next) => {
    await next();
    if (lifecycle.phase === "draining") c.header("Connection", "close");
  };
}

/** What anybody may ask: pages without data, and health. */
function isOpen({ req }: ServerContext, open: ReadonlySet<string>): boolean {
  if (req.method !== "GET" && req.method !== "HEAD") return false;
  return open.has(req.path) || /^\/v2\/(health|models\/.*\/ready$)/.test(
    req.path,
  );
}

const UNAUTHORISED = "Cannot answer as the request must carry the token of " +
  "this server: Authorization: Bearer TOKEN";

const WRONG_KEY = "Cannot answer as the access key id of the request must be " +
  "a token of this server";

/** Compares with all, so that the time tells nothing. */
async function isOneOf(
  tokens: readonly string[],
  token: string,
): Promise<boolean> {
  const equal = tokens.map((known) => timingSafeEqual(known, token));
  return (await Promise.all(equal)).includes(true);
}

/**
 * Asks for a token, compared in constant time.
 *
 * @param tokens Those that are valid; any request is where there are none.
 * @param open Paths that need none.
 * @param otherToken A token that clients carry in a way of their own.
 * @returns Middleware that answers 400 and 401.
 */
export function tokenRequired(
  tokens: readonly string[],
  open: ReadonlySet<string>,
  otherToken: (c: ServerContext) => string | undefined = () => undefined,
): Middleware {
  if (tokens.length === 0) return (_, next) => next();
  const check = bearerAuth({ token: [...tokens] });
  return async (c, next) => {
    if (isOpen(c, open)) return await next();
    const other = otherToken(c);
    if (other !== undefined) {
      if (await isOneOf(tokens, other)) return await next();
      throw refusal(401, WRONG_KEY);
    }
    const challenge = await challengeOf(() => check(c as Context, pass));
    if (challenge === undefined) return await next();
    const { status, headers } = challenge;
    throw refusal(status === 400 ? 400 : 401, UNAUTHORISED, {
      "WWW-Authenticate": headers.get("WWW-Authenticate") ?? "Bearer",
    });
  };
}

function pass(): Promise<void> {
  return Promise.resolve();
}

/** How a check refuses; undefined where it does not. */
async function challengeOf(
  check: () => Promise<unknown>,
): Promise<Response | undefined> {
  try {
    await check();
    return undefined;
  } catch (error) {
    if (error instanceof HTTPException && error.res) return error.res;
    throw error;
  }
}

/**
 * Answers 503 until the model is loaded.
 *
 * @returns Middleware that answers 503.
 */
export function modelRequired(
  { scorer }: Pick<Services, "scorer">,
): Middleware {
  return async (c, next) => {
    if (scorer() !== undefined) return await next();
    return refuse(c, 503, "Cannot answer as the model is still being loaded");
  };
}
