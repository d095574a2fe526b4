import assert from "node:assert/strict";
import { openStore } from "../../lib/storage/open_store.ts";
import type { ObjectStore } from "../../lib/storage/object_store.ts";
import type { StoreSettings } from "../../lib/storage/store_settings.ts";
import { type Reply, serve, type Server } from "../hub/_server.ts";
import { bytesOf, textOf } from "./_contract.ts";
import { CREDENTIALS } from "./_s3_server.ts";

const TEXT = "0123456789";

/** Serves a text by ranges, and breaks off as told, reply by reply. */
function serveText(faults: readonly Reply[]): Server {
  return serve(({ headers, index }) => {
    const range = /^bytes=(\d+)-(\d*)$/.exec(headers.get("range") ?? "");
    const start = Number(range?.[1] ?? 0);
    const end = range?.[2] ? Number(range[2]) + 1 : TEXT.length;
    const body = bytesOf(TEXT.slice(start, end));
    const etag = { etag: '"one"' };
    return { status: range ? 206 : 200, headers: etag, body, ...faults[index] };
  });
}

function storeOf(server: Server, settings: StoreSettings = {}): ObjectStore {
  const { origin: endpoint } = server;
  const all = { endpoint, credentials: CREDENTIALS, ...settings };
  return openStore("s3://bucket/", all);
}

function rangesOf(server: Server): (string | null)[] {
  return server.asked.map(({ headers }) => headers.get("range"));
}

Deno.test("read() goes on where a body broke off", async () => {
  await using server = serveText([{ cutAfter: 4 }, { cutAfter: 3 }]);
  assert.equal(textOf(await storeOf(server).read("key")), TEXT);
  assert.deepEqual(rangesOf(server), [null, "bytes=4-9", "bytes=7-9"]);
});

Deno.test("read() goes on inside the part asked for", async () => {
  await using server = serveText([{ cutAfter: 2 }]);
  const range = { start: 3, end: 8 };
  assert.equal(textOf(await storeOf(server).read("key", { range })), "34567");
  assert.deepEqual(rangesOf(server), ["bytes=3-7", "bytes=5-7"]);
});

Deno.test("read() goes on where a body stalled", async () => {
  await using server = serveText([{ stallAfter: 4 }]);
  const store = storeOf(server, { stallSeconds: 0.1 });
  assert.equal(textOf(await store.read("key")), TEXT);
  assert.deepEqual(rangesOf(server), [null, "bytes=4-9"]);
});

Deno.test("read() gives up where there is no progress", async () => {
  const faults = [{ cutAfter: 4 }, { cutAfter: 0 }, { cutAfter: 0 }];
  await using server = serveText(faults);
  const store = storeOf(server, { attempts: 2 });
  await assert.rejects(store.read("key"), { failure: "unavailable" });
  assert.equal(server.asked.length, 2);
});

Deno.test("read() does not join two versions", async () => {
  const other = { headers: { etag: '"two"' } };
  await using server = serveText([{ cutAfter: 4 }, other]);
  const message = /must not change meanwhile/;
  const read = storeOf(server).read("key");
  await assert.rejects(read, { failure: "unavailable", message });
});

Deno.test("read() takes a body of untold length to its end", async () => {
  const options = { hostname: "127.0.0.1", port: 0, onListen() {} };
  await using server = Deno.serve(options, () => {
    const body = ReadableStream.from([bytesOf("01234"), bytesOf("56789")]);
    return new Response(body, { headers: { etag: '"one"' } });
  });
  const endpoint = `http://127.0.0.1:${server.addr.port}`;
  const store = openStore("s3://bucket/", {
    endpoint,
    credentials: CREDENTIALS,
  });
  assert.equal(textOf(await store.read("key")), TEXT);
});

Deno.test("read() takes no whole object for a part of it", async () => {
  const all = { status: 200, body: bytesOf(TEXT) };
  await using first = serveText([all]);
  const range = { start: 3, end: 8 };
  const message = /must answer with that part: current value is all of it/;
  const refused = { failure: "unavailable", message } as const;
  await assert.rejects(storeOf(first).read("key", { range }), refused);
  await using later = serveText([{ cutAfter: 4 }, all]);
  await assert.rejects(storeOf(later).read("key"), refused);
});

Deno.test("stream() hangs up when its signal is aborted", async () => {
  const hungUp = Promise.withResolvers<void>();
  const options = { hostname: "127.0.0.1", port: 0, onListen() {} };
  await using server = Deno.serve(options, () => {
    const body = new ReadableStream({
      start: (controller) => controller.enqueue(bytesOf("0123")),
      cancel: () => hungUp.resolve(),
    });
    return new Response(body, { headers: { "content-length": "10" } });
  });
  const endpoint = `http://127.0.0.1:${server.addr.port}`;
  const settings = { endpoint, credentials: CREDENTIALS };
  const controller = new AbortController();
  const { signal } = controller;
  const store = openStore("s3://bucket/", settings);
  const reader = (await store.stream("key", { signal })).getReader();
  assert.equal((await reader.read()).value?.length, 4);
  const reason = new Error("enough");
  const next = assert.rejects(reader.read(), (error) => error === reason);
  controller.abort(reason);
  await next;
  await hungUp.promise;
});
