/**
 * What every store must do, as tests.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { compareKeys } from "../../lib/storage/keys.ts";
import type { ObjectStore } from "../../lib/storage/object_store.ts";

/** A store for one test, without objects. */
export interface OpenStore extends AsyncDisposable {
  readonly store: ObjectStore;
}

/** What differs between the stores that are tested. */
export interface ContractOptions {
  /**
   * Whether what is behind it creates without overwriting and lists in order;
   * light S3 servers do neither.
   */
  readonly isFull: boolean;
  /** Why none of it can be tested here. */
  readonly skip?: string | undefined;
}

type Bytes = Uint8Array<ArrayBuffer>;

/** Text as bytes. */
export function bytesOf(text: string): Bytes {
  return new TextEncoder().encode(text);
}

/** Bytes as text. */
export function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** The keys of a list, in its order. */
export async function keysOf(
  list: AsyncIterable<{ readonly key: string }>,
): Promise<string[]> {
  return (await Array.fromAsync(list)).map(({ key }) => key);
}

async function readBack({ store }: OpenStore): Promise<void> {
  await store.put("a/b c+&=%20.txt", bytesOf("one"));
  assert.equal(textOf(await store.read("a/b c+&=%20.txt")), "one");
  const first = await store.head("a/b c+&=%20.txt");
  await store.put("a/b c+&=%20.txt", bytesOf("two"));
  assert.equal(textOf(await store.read("a/b c+&=%20.txt")), "two");
  const second = await store.head("a/b c+&=%20.txt");
  assert.equal(second?.size, 3);
  assert.notEqual(second.etag, first?.etag);
  assert.doesNotMatch(second.etag, /"/);
}

async function readParts({ store }: OpenStore): Promise<void> {
  await store.put("key", bytesOf("0123456789"));
  const read = async (start: number, end: number) =>
    textOf(await store.read("key", { range: { start, end } }));
  assert.equal(await read(0, 1), "0");
  assert.equal(await read(3, 7), "3456");
  assert.equal(await read(8, 99), "89");
  assert.equal(await read(8, Infinity), "89");
  assert.equal(await read(5, 5), "");
  assert.equal(await read(10, 12), "");
  for (const [start, end] of [[-1, 2], [3, 2], [0.5, 2]] as const) {
    await assert.rejects(read(start, end), { failure: "invalid" });
  }
}

async function readBounded({ store }: OpenStore): Promise<void> {
  await store.put("key", bytesOf("0123456789"));
  const { etag } = (await store.head("key"))!;
  for (const version of [{}, { etag }]) {
    const all = await store.read("key", { ...version, maxBytes: 10 });
    assert.equal(textOf(all), "0123456789");
    const message = `Cannot read ${store.uri}key as it must have at most 9 ` +
      "bytes: current value is 10";
    const refused = { name: "StorageError", failure: "too_large", message };
    const bounded = { ...version, maxBytes: 9 };
    await assert.rejects(store.read("key", bounded), refused);
    await assert.rejects(store.stream("key", bounded), refused);
  }
  const part = { range: { start: 2, end: 5 }, maxBytes: 3 };
  assert.equal(textOf(await store.read("key", part)), "234");
}

async function streamLarge({ store }: OpenStore): Promise<void> {
  const bytes = new Uint8Array(9 << 20);
  for (let i = 0; i < bytes.length; i += 1000) bytes[i] = i / 1000;
  const chunks = Array.from(
    { length: 9 },
    (_, i) => bytes.slice(i << 20, (i + 1) << 20),
  );
  await store.put("large", ReadableStream.from(chunks));
  assert.equal((await store.head("large"))?.size, bytes.length);
  const stream = await store.stream("large");
  assert.ok(Buffer.from(await new Response(stream).bytes()).equals(bytes));
  await (await store.stream("large")).cancel();
}

async function meetMissing({ store }: OpenStore): Promise<void> {
  assert.equal(await store.head("none"), null);
  await store.delete("none");
  await store.put("there", bytesOf("x"));
  await store.delete("there");
  assert.equal(await store.head("there"), null);
  const message = new RegExp(`^Cannot read ${store.uri}there as .* exist`);
  await assert.rejects(store.read("there"), { failure: "missing", message });
  const range = { start: 1, end: 1 };
  await assert.rejects(store.read("there", { range }), { failure: "missing" });
}

/** In the order of their UTF-8 bytes. */
const KEYS = [
  "A",
  "a!b",
  "a-b/c",
  "a.txt",
  "a/b/c",
  "a/b0",
  "a/é",
  "a0",
  "b",
  "\uff5e",
  "\u{1f600}",
];

async function listPrefixes({ store }: OpenStore): Promise<void> {
  for (const key of KEYS.toReversed()) await store.put(key, bytesOf(key));
  for (const prefix of ["", "a", "a/", "a/b", "a/b/c", "b/", "none/"]) {
    const keys = (await keysOf(store.list(prefix))).sort(compareKeys);
    assert.deepEqual(keys, KEYS.filter((key) => key.startsWith(prefix)));
  }
}

async function listInOrder({ store }: OpenStore): Promise<void> {
  for (const key of KEYS.toReversed()) await store.put(key, bytesOf(key));
  assert.deepEqual(await keysOf(store.list("")), KEYS);
  for (const [at, startAfter] of KEYS.entries()) {
    const list = store.list("", { startAfter });
    assert.deepEqual(await keysOf(list), KEYS.slice(at + 1));
  }
  const [first] = await Array.fromAsync(store.list("a.txt"));
  assert.deepEqual(first, await store.head("a.txt"));
}

async function createOnce({ store }: OpenStore): Promise<void> {
  assert.equal(await store.create("a/key", bytesOf("one")), true);
  assert.equal(await store.create("a/key", bytesOf("one")), true);
  assert.equal(await store.create("a/key", bytesOf("two")), false);
  assert.equal(await store.create("a/key", bytesOf("three")), false);
  assert.equal(textOf(await store.read("a/key")), "one");
}

async function createInRace({ store }: OpenStore): Promise<void> {
  const texts = Array.from({ length: 8 }, (_, i) => `worker ${i}`);
  const made = await Promise.all(
    texts.map((text) => store.create("key", bytesOf(text))),
  );
  assert.equal(made.filter((isOurs) => isOurs).length, 1);
  assert.equal(textOf(await store.read("key")), texts[made.indexOf(true)]);
}

async function refuseKeys({ store }: OpenStore): Promise<void> {
  const keys = ["", "..", "../x", "a/../x", "a/./x", "\0", "x".repeat(1025)];
  for (const key of [...keys, "\ud800"]) {
    const refused = { name: "StorageError", failure: "invalid" };
    await assert.rejects(store.read(key), refused);
    await assert.rejects(store.create(key, bytesOf("x")), refused);
    await assert.rejects(store.put(key, bytesOf("x")), refused);
    await assert.rejects(store.delete(key), refused);
  }
}

async function abort({ store }: OpenStore): Promise<void> {
  await store.put("key", bytesOf("x"));
  const reason = new Error("enough");
  const signal = AbortSignal.abort(reason);
  const isReason = (error: unknown) => error === reason;
  await assert.rejects(store.read("key", { signal }), isReason);
  await assert.rejects(store.head("key", { signal }), isReason);
  await assert.rejects(store.put("key", bytesOf("y"), { signal }), isReason);
  await assert.rejects(store.create("k", bytesOf("y"), { signal }), isReason);
  await assert.rejects(store.delete("key", { signal }), isReason);
  await assert.rejects(keysOf(store.list("", { signal })), isReason);
  assert.equal(textOf(await store.read("key")), "x");
}

async function holdVersion({ store }: OpenStore): Promise<void> {
  await store.put("key", bytesOf("one"));
  const { etag } = (await store.head("key"))!;
  assert.equal(textOf(await store.read("key", { etag })), "one");
  await store.put("key", bytesOf("two"));
  await assert.rejects(store.read("key", { etag }), { failure: "missing" });
  const range = { start: 3, end: 4 };
  const late = store.read("key", { etag, range });
  await assert.rejects(late, { failure: "missing" });
}

/**
 * Registers the tests of a store.
 *
 * @param name The store's name
 * @param open Opens an empty one
 * @param options What differs
 */
export function testStore(
  name: string,
  open: () => OpenStore | Promise<OpenStore>,
  { isFull, skip }: ContractOptions,
): void {
  const test = (
    title: string,
    check: (opened: OpenStore) => Promise<void>,
  ) => {
    Deno.test({
      name: `${name} ${title}${skip === undefined ? "" : ` (${skip})`}`,
      ignore: skip !== undefined,
      async fn() {
        await using opened = await open();
        await check(opened);
      },
    });
  };
  test("reads back what was put, and tags each version", readBack);
  test("reads parts, also past the end", readParts);
  test("refuses more bytes than asked for", readBounded);
  test("streams what is larger than a part of an upload", streamLarge);
  test("says what is missing", meetMissing);
  test("lists what has a prefix", listPrefixes);
  test("refuses keys that leave its root or are none", refuseKeys);
  test("ends with the reason of an aborted signal", abort);
  test("reads the version asked for, or none", holdVersion);
  if (!isFull) return;
  test("lists in the order of UTF-8 bytes", listInOrder);
  test("creates only where nothing else is", createOnce);
  test("lets one of many creators win", createInRace);
}
