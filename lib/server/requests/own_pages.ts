/**
 * Requests that pages of other origins make browsers send.
 *
 * @module
 */
import { refuse } from "./refusals.ts";
import type { Middleware, ServerContext } from "../services.ts";

/** Methods that compute nothing and change nothing. */
const READING = ["GET", "HEAD", "OPTIONS"];

/**
 * Browsers ask the server first whether a page of another origin may send this
 * header, which the server does not allow.
 */
const OWN_HEADER = "X-Requested-With";

/**
 * Whether a page of another origin asks. Programs send neither header. Browsers
 * send Sec-Fetch-Site to https and to localhost only, and a proxy may have
 * rewritten Host, so that Origin is looked at last.
 */
function isForeign({ req }: ServerContext): boolean {
  if (READING.includes(req.method) || req.header(OWN_HEADER)) return false;
  const site = req.header("Sec-Fetch-Site");
  if (site !== undefined) return site !== "same-origin" && site !== "none";
  const origin = req.header("Origin");
  if (origin === undefined) return false;
  return URL.parse(origin)?.host !== new URL(req.url).host;
}

/**
 * Refuses what a page of another origin asks to compute or to change. Forms may
 * be sent to other origins without their leave. A token cannot, so that this is
 * for servers without tokens.
 *
 * @returns Middleware that answers 403.
 */
export function ownPagesOnly(): Middleware {
  return async (c, next) => {
    if (!isForeign(c)) return await next();
    return refuse(
      c,
      403,
      "Cannot answer as the page that asks must be one of this server, or " +
        "the server must have tokens",
    );
  };
}
