/**
 * A server on loopback that lists keys as S3 does, and nothing else.
 *
 * @module
 */
import { compareKeys } from "../../lib/storage/keys.ts";
import { openStore } from "../../lib/storage/open_store.ts";
import type { ObjectStore } from "../../lib/storage/object_store.ts";
import { CREDENTIALS } from "./_s3_server.ts";

/** Keys in the order of S3, by number. */
export interface ListedKeys {
  /** How many there are. */
  readonly length: number;
  /** One of them. */
  at(i: number): string | undefined;
}

/** A running server, and its bucket as a store. */
export interface ListingServer extends AsyncDisposable {
  readonly store: ObjectStore;
  /** Requests so far, and how many were open at a time. */
  readonly seen: { requests: number; open: number; mostOpen: number };
}

/** What the server does. */
export interface ListingServerOptions {
  /** Keys of a full page. */
  readonly pageKeys: number;
  /** Milliseconds before each answer. */
  readonly delay?: number;
  /** Whether it ignores where to start, as some stores did. */
  readonly isDeaf?: boolean;
}

const ETAG = "0123456789abcdef0123456789abcdef";

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}

/** The number of the first key after a text. */
function firstAfter(keys: ListedKeys, text: string): number {
  let [low, high] = [0, keys.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (compareKeys(keys.at(middle)!, text) > 0) high = middle;
    else low = middle + 1;
  }
  return low;
}

function pageOf(
  keys: ListedKeys,
  query: URLSearchParams,
  { pageKeys, isDeaf = false }: ListingServerOptions,
): string {
  const prefix = query.get("prefix") ?? "";
  const after = isDeaf ? "" : query.get("start-after") ?? "";
  const token = query.get("continuation-token");
  const most = Math.min(Number(query.get("max-keys") ?? pageKeys), pageKeys);
  const first = compareKeys(after, prefix) > 0 ? after : "";
  const start = token === null
    ? Math.max(
      firstAfter(keys, first),
      prefix === "" ? 0 : startOf(keys, prefix),
    )
    : Number(token);
  const contents: string[] = [];
  let i = start;
  for (; i < keys.length && contents.length < most; i++) {
    if (!keys.at(i)!.startsWith(prefix)) break;
    contents.push(
      `<Contents><Key>${escaped(keys.at(i)!)}</Key><Size>${i + 1}</Size>` +
        `<ETag>"${ETAG}"</ETag></Contents>`,
    );
  }
  const isMore = i < keys.length && keys.at(i)!.startsWith(prefix);
  const next = isMore
    ? `<NextContinuationToken>${i}</NextContinuationToken>`
    : "";
  return `<ListBucketResult><IsTruncated>${isMore}</IsTruncated>${next}${
    contents.join("")
  }</ListBucketResult>`;
}

/** The number of the first key that is not before a text. */
function startOf(keys: ListedKeys, text: string): number {
  const after = firstAfter(keys, text);
  return after > 0 && keys.at(after - 1) === text ? after - 1 : after;
}

/** Starts a server that lists keys. */
export function startListing(
  keys: ListedKeys,
  options: ListingServerOptions,
): ListingServer {
  const seen = { requests: 0, open: 0, mostOpen: 0 };
  const listen = { hostname: "127.0.0.1", port: 0, onListen() {} };
  const server = Deno.serve(listen, async (request) => {
    seen.requests++;
    seen.open++;
    seen.mostOpen = Math.max(seen.mostOpen, seen.open);
    const { searchParams } = new URL(request.url);
    await new Promise((done) => setTimeout(done, options.delay ?? 0));
    seen.open--;
    const body = pageOf(keys, searchParams, options);
    return new Response(body, { headers: { "content-type": "text/xml" } });
  });
  const endpoint = `http://127.0.0.1:${server.addr.port}`;
  const credentials = CREDENTIALS;
  const store = openStore("s3://bucket/", { endpoint, credentials });
  return { store, seen, [Symbol.asyncDispose]: () => server.shutdown() };
}
