/**
 * One HTTP request, and the redirects that it may follow.
 *
 * @module
 */
import { DownloadError } from "../download_error.ts";

/** A secret, and the one origin that may see it. */
export interface Credentials {
  /** Scheme, host and port, such as `https://huggingface.co`. */
  readonly origin: string;
  /** What `Authorization: Bearer` carries. */
  readonly token: string;
}

/** Options of {@linkcode request}. */
export interface RequestOptions {
  /** Headers to send to each host. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent to their origin only, wherever redirects lead. */
  readonly credentials?: Credentials;
  /** Ends the request, and the reading of the body. */
  readonly signal: AbortSignal;
}

const MOST_REDIRECTS = 10;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** The part of an address that may be shown: signed addresses hold secrets. */
export function shownUrl(url: string | URL): string {
  const { origin, pathname, search } = new URL(url);
  return `${origin}${pathname}${search === "" ? "" : "?..."}`;
}

function headersFor(url: URL, options: RequestOptions): Headers {
  const headers = new Headers(options.headers);
  headers.set("accept-encoding", "identity");
  const { credentials } = options;
  if (credentials !== undefined && url.origin === credentials.origin) {
    headers.set("authorization", `Bearer ${credentials.token}`);
  }
  return headers;
}

/** What went wrong, without the address, which may hold secrets. */
export function networkReason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/^.*? for url \(.*?\)(: )?/, "") || "no connection";
}

async function send(url: URL, options: RequestOptions): Promise<Response> {
  try {
    return await fetch(url, {
      headers: headersFor(url, options),
      redirect: "manual",
      signal: options.signal,
    });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new DownloadError(
      `Cannot download ${shownUrl(url)} as ${url.host} must answer: ${
        networkReason(error)
      }`,
      "unavailable",
    );
  }
}

function assertAllowed(from: URL, to: URL): void {
  const isWeb = to.protocol === "https:" ||
    (to.protocol === "http:" && from.protocol === "http:");
  if (isWeb) return;
  throw new DownloadError(
    `Cannot follow the redirect of ${shownUrl(from)} as it must lead to ${
      from.protocol === "https:" ? "https" : "http or https"
    }: current value is ${to.protocol}//${to.host}`,
    "refused",
  );
}

function nextUrl(from: URL, response: Response): URL {
  const location = response.headers.get("location");
  const to = URL.parse(location ?? "", from);
  if (location === null || to === null) {
    throw new DownloadError(
      `Cannot follow the redirect of ${
        shownUrl(from)
      } as it must name an address: current value is ${
        JSON.stringify(location)
      }`,
      "unavailable",
    );
  }
  assertAllowed(from, to);
  return to;
}

/**
 * Sends a GET request and follows its redirects: at most 10, never from https
 * to http, and with credentials for their own origin only. The body is asked
 * for as it is stored, without compression.
 *
 * @returns The first response that is no redirect, whatever its status.
 * @throws {DownloadError} If no connection can be made, or there are too many
 * redirects, or one that leads nowhere or away from https.
 */
export async function request(
  address: string,
  options: RequestOptions,
): Promise<Response> {
  let url = new URL(address);
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
    const response = await send(url, options);
    if (!REDIRECTS.has(response.status)) return response;
    await response.body?.cancel();
    url = nextUrl(url, response);
  }
  throw new DownloadError(
    `Cannot download ${
      shownUrl(address)
    } as it must lead to a file within ${MOST_REDIRECTS} redirects`,
    "unavailable",
  );
}
