/**
 * Creates objects in Google Cloud Storage through its S3 interface. That
 * interface ignores `If-None-Match: *`, and it refuses Google's own header for
 * the same purpose beside any header of Amazon's. Such a request is therefore
 * signed again in Google's way.
 *
 * @module
 * @see {@link https://cloud.google.com/storage/docs/authentication/signatures}
 */
import { createHash, createHmac } from "node:crypto";
import type { S3Client } from "@aws-sdk/client-s3";
import type { StoreCredentials } from "./store_settings.ts";

const ALGORITHM = "GOOG4-HMAC-SHA256";
const HOST_REGEXP = /(^|\.)storage\.googleapis\.com$/;

/** A request as the SDK has it. */
export interface SignedRequest {
  /** Such as `PUT`. */
  readonly method: string;
  /** The path, percent-encoded. */
  readonly path: string;
  /** The query's parameters. */
  readonly query?: Readonly<Record<string, string | string[] | null>>;
  /** By lower-case name. */
  headers: Record<string, string>;
}

function isRequest(value: unknown): value is SignedRequest {
  return typeof value === "object" && value !== null && "headers" in value &&
    "path" in value;
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function hmac(key: string | Uint8Array, text: string): Uint8Array {
  return createHmac("sha256", key).update(text).digest();
}

function queryOf({ query = {} }: SignedRequest): string {
  return Object.entries(query)
    .map(([name, value]) => [name, `${value ?? ""}`].map(encodeURIComponent))
    .map((pair) => pair.join("=")).sort().join("&");
}

/** The headers as they go: Amazon's under Google's names, and the condition. */
function headersOf(headers: SignedRequest["headers"]): Record<string, string> {
  const kept = ["content-length", "content-type", "host"]
    .flatMap((name) => headers[name] === undefined ? [] : [name]);
  return {
    ...Object.fromEntries(kept.map((name) => [name, headers[name]!])),
    "x-goog-content-sha256": headers["x-amz-content-sha256"] ?? "",
    "x-goog-date": headers["x-amz-date"] ?? "",
    "x-goog-if-generation-match": "0",
  };
}

/**
 * Signs a request of the SDK that creates an object again, for Google Cloud
 * Storage.
 *
 * @param credentials An HMAC key of Google Cloud Storage.
 * @returns The headers to send instead of those it has.
 */
export function googleHeaders(
  request: SignedRequest,
  credentials: Pick<StoreCredentials, "accessKeyId" | "secretAccessKey">,
): Record<string, string> {
  const headers = headersOf(request.headers);
  const date = headers["x-goog-date"]!;
  const day = date.slice(0, 8);
  const scope = [day, "auto", "storage", "goog4_request"];
  const names = Object.keys(headers).filter((name) => name !== "content-length")
    .sort();
  const canonical = [
    request.method,
    request.path,
    queryOf(request),
    ...names.map((name) => `${name}:${headers[name]!.trim()}`),
    "",
    names.join(";"),
    headers["x-goog-content-sha256"]!,
  ].join("\n");
  const toSign = [ALGORITHM, date, scope.join("/"), sha256(canonical)]
    .join("\n");
  const key = scope.reduce<string | Uint8Array>(
    hmac,
    `GOOG4${credentials.secretAccessKey}`,
  );
  const signature = new Uint8Array(hmac(key, toSign)).toHex();
  const credential = `${credentials.accessKeyId}/${scope.join("/")}`;
  const authorization = `${ALGORITHM} Credential=${credential}, ` +
    `SignedHeaders=${names.join(";")}, Signature=${signature}`;
  return { ...headers, authorization };
}

/** Middleware of the SDK. */
function signAsGoogle(
  client: S3Client,
): <Args extends object, Output>(
  next: (args: Args) => Promise<Output>,
) => (args: Args) => Promise<Output> {
  return (next) => async (args) => {
    const request = "request" in args ? args.request : undefined;
    if (isRequest(request) && request.headers["if-none-match"] === "*") {
      const credentials = await client.config.credentials();
      request.headers = googleHeaders(request, credentials);
    }
    return await next(args);
  };
}

/**
 * Makes a client create objects in Google's way. Experimental: written after
 * Google's documentation, not tested with the service.
 *
 * @param endpoint The client's endpoint. Any but Google's is left alone.
 */
export function createAsGoogle(client: S3Client, endpoint: string): void {
  if (!HOST_REGEXP.test(new URL(endpoint).hostname)) return;
  client.middlewareStack.addRelativeTo(signAsGoogle(client), {
    name: "createAsGoogle",
    relation: "after",
    toMiddleware: "httpSigningMiddleware",
  });
}
