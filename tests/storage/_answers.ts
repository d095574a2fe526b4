/**
 * A server on loopback that gives the answers it is told to.
 *
 * @module
 */
import { openStore } from "../../lib/storage/open_store.ts";
import type { ObjectStore } from "../../lib/storage/object_store.ts";
import type { StoreSettings } from "../../lib/storage/store_settings.ts";
import { CREDENTIALS } from "./_s3_server.ts";

/** An answer: a status and what else differs from an empty one. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A request as it came. */
export interface Asked {
  /** Such as `PUT /bucket/key`, without the query. */
  readonly line: string;
  readonly query: URLSearchParams;
  readonly headers: Headers;
  readonly body: string;
}

/** A running server, and a bucket of it as a store. */
export interface Answering extends AsyncDisposable {
  readonly store: ObjectStore;
  /** All requests so far. */
  readonly asked: readonly Asked[];
}

/** How S3 tells an error. */
export function errorOf(status: number, code: string): Answer {
  const text = `<Message>A sentence.</Message><Token>token-of-a-test</Token>`;
  return { status, body: `<Error><Code>${code}</Code>${text}</Error>` };
}

/** Starts a server that gives these answers in turn, the last one for ever. */
export function startAnswering(
  answers: readonly Answer[],
  settings: StoreSettings = {},
): Answering {
  const asked: Asked[] = [];
  const options = { hostname: "127.0.0.1", port: 0, onListen() {} };
  const server = Deno.serve(options, async (request) => {
    const { method, headers } = request;
    const { pathname, searchParams } = new URL(request.url);
    const answer = answers[Math.min(asked.length, answers.length - 1)]!;
    const body = await request.text();
    const line = `${method} ${pathname}`;
    asked.push({ line, query: searchParams, headers, body });
    const content = method === "HEAD" ? null : answer.body ?? "";
    return new Response(content, { ...answer });
  });
  const endpoint = `http://127.0.0.1:${server.addr.port}`;
  const store = openStore("s3://bucket/a/", {
    endpoint,
    credentials: CREDENTIALS,
    ...settings,
  });
  return { store, asked, [Symbol.asyncDispose]: () => server.shutdown() };
}
