/**
 * The addresses of Hugging Face, and the cache that its own tools keep.
 *
 * @module
 */
import { join } from "node:path";
import type { Credentials } from "./transfer/http.ts";

/** How Hugging Face is reached. */
export interface HuggingFace {
  /**
   * Its address, or the address of a mirror.
   *
   * @default {"https://huggingface.co"}
   */
  readonly endpoint?: string | undefined;
  /** Sent to the endpoint only. */
  readonly token?: string | undefined;
  /** The folder `hub` of the user's own cache. */
  readonly cache?: string | undefined;
}

const HOME = "https://huggingface.co";

const FILE_REGEXP =
  /^https:\/\/huggingface\.co\/([^/]+\/[^/]+)\/resolve\/([^/]+)\/(.+)$/;

/**
 * Checks the address of a mirror.
 *
 * @returns The same without a slash at the end.
 * @throws {RangeError} If it is no address of the web.
 */
export function parseEndpoint(endpoint: string): string {
  const protocol = URL.parse(endpoint)?.protocol ?? "";
  if (["http:", "https:"].includes(protocol)) {
    return endpoint.replace(/\/+$/, "");
  }
  throw new RangeError(
    `Cannot use the endpoint of Hugging Face as it must be an address with https: current value is ${
      JSON.stringify(endpoint)
    }`,
  );
}

/**
 * Replaces the host of Hugging Face by the endpoint's.
 *
 * @returns The address to ask.
 */
export function addressOf(url: string, { endpoint }: HuggingFace): string {
  if (endpoint === undefined || !FILE_REGEXP.test(url)) return url;
  return parseEndpoint(endpoint) + url.slice(HOME.length);
}

/**
 * Finds the credentials for the endpoint.
 *
 * @returns The token and the origin that may see it, if there is a token.
 */
export function credentialsOf(
  { endpoint = HOME, token }: HuggingFace,
): { readonly credentials?: Credentials } {
  if (token === undefined || token === "") return {};
  return { credentials: { origin: new URL(endpoint).origin, token } };
}

/**
 * Finds where the user's own cache would hold a file.
 *
 * @returns The path, or undefined where the cache cannot hold it.
 */
export function cachedPath(
  url: string,
  { cache }: HuggingFace,
): string | undefined {
  const [, repository, revision, file] = url.match(FILE_REGEXP) ?? [];
  if (cache === undefined || repository === undefined) return undefined;
  const folder = `models--${repository.replace("/", "--")}`;
  return join(cache, folder, "snapshots", revision!, file!);
}
