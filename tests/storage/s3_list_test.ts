import assert from "node:assert/strict";
import { compareKeys } from "../../lib/storage/keys.ts";
import type { ListOptions } from "../../lib/storage/object_store.ts";
import { type ListingServer, startListing } from "./_listing_server.ts";

const PAGE = { pageKeys: 10 };

async function listed(
  { store }: ListingServer,
  prefix: string,
  options: ListOptions = {},
): Promise<string[]> {
  const infos = await Array.fromAsync(store.list(prefix, options));
  return infos.map(({ key }) => key);
}

/** Numbered names, with zeros in front or without. */
function numbered(start: string, count: number, digits = 0): string[] {
  return Array.from(
    { length: count },
    (_, i) => `${start}${`${i}`.padStart(digits, "0")}.png`,
  );
}

const BUCKETS: Readonly<Record<string, readonly string[]>> = {
  "flat": numbered("img_", 300, 8),
  "numbers without zeros": numbered("", 300),
  "folders": ["a", "b", "c"].flatMap((line) =>
    ["1", "2"].flatMap((day) => numbered(`line-${line}/day-${day}/`, 60, 4))
  ),
  "a deep folder": numbered("a/very/deep/folder/of/one/line/", 200, 5),
  "a folder for each": numbered("", 200, 4).map((key) => `${key}/1.png`),
  "one folder and a few": ["0.png", ...numbered("m/", 200, 3), "z.png"],
  "beyond the basic plane": ["\u{1f600}", "\ue000", "\uffee", "é"].flatMap(
    (start) => numbered(`d/${start}`, 40, 3),
  ),
  "a page": numbered("a", 10, 2),
  "a page and one": numbered("a", 11, 2),
  "nothing": [],
};

Deno.test("list() in any order lists each key once", async () => {
  for (const [name, some] of Object.entries(BUCKETS)) {
    const keys = some.toSorted(compareKeys);
    await using server = startListing(keys, PAGE);
    assert.deepEqual(await listed(server, ""), keys, name);
    const anyOrder = await listed(server, "", { anyOrder: true });
    assert.deepEqual(anyOrder.toSorted(compareKeys), keys, name);
  }
});

Deno.test("list() in any order keeps to the prefix, and starts after a key", async () => {
  const keys = BUCKETS["folders"]!.toSorted(compareKeys);
  await using server = startListing(keys, PAGE);
  for (const prefix of ["line-b/", "line-b/day-2/000", "no"]) {
    const own = keys.filter((key) => key.startsWith(prefix));
    const found = await listed(server, prefix, { anyOrder: true });
    assert.deepEqual(found.toSorted(compareKeys), own, prefix);
  }
  for (const startAfter of [keys[0]!, keys[150]!, "line-b/day-1", "z"]) {
    const later = keys.filter((key) => compareKeys(key, startAfter) > 0);
    const found = await listed(server, "", { anyOrder: true, startAfter });
    assert.deepEqual(found.toSorted(compareKeys), later, startAfter);
  }
});

Deno.test("list() in any order asks for several ranges at a time", async () => {
  const keys = BUCKETS["flat"]!;
  await using server = startListing(keys, { ...PAGE, delay: 5 });
  await listed(server, "");
  assert.deepEqual(server.seen, { requests: 30, open: 0, mostOpen: 1 });
  await listed(server, "", { anyOrder: true });
  assert.ok(server.seen.mostOpen > 4, `${server.seen.mostOpen} at a time`);
  assert.ok(server.seen.mostOpen <= 64, `${server.seen.mostOpen} at a time`);
});

Deno.test("list() in any order asks once where a page holds all", async () => {
  await using server = startListing(BUCKETS["a page"]!, PAGE);
  await listed(server, "", { anyOrder: true });
  assert.equal(server.seen.requests, 1);
});

Deno.test("list() in any order ends with the reason of a signal", async () => {
  await using server = startListing(BUCKETS["flat"]!, PAGE);
  const controller = new AbortController();
  const { signal } = controller;
  const reason = new Error("enough");
  await assert.rejects(async () => {
    for await (const _ of server.store.list("", { anyOrder: true, signal })) {
      controller.abort(reason);
    }
  }, reason);
});

Deno.test("list() in any order bears stores that ignore where to start", async () => {
  const keys = BUCKETS["one folder and a few"]!;
  await using server = startListing(keys, { ...PAGE, isDeaf: true });
  const found = await listed(server, "", { anyOrder: true });
  assert.deepEqual(found.toSorted(compareKeys), keys);
});
