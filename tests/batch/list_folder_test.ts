import assert from "node:assert/strict";
import { FolderItems } from "../../lib/batch/listing/folder_items.ts";
import { listFolder } from "../../lib/batch/listing/list_folder.ts";
import type { ListInputOptions } from "../../lib/batch/listing/input_listing.ts";
import { MemoryStore } from "./_memory_store.ts";
import { only } from "./_runs.ts";

const HELD = 8;

/** So many names in a folder. */
function names(folder: string, count: number, ending = "png"): string[] {
  return Array.from({ length: count }, (_, i) => `${folder}${i}.${ending}`);
}

async function storeOf(
  keys: readonly string[],
  texts: Readonly<Record<string, string>> = {},
): Promise<MemoryStore> {
  const store = new MemoryStore("plant/data");
  for (const key of keys) await store.put(key, new TextEncoder().encode(key));
  for (const [key, text] of Object.entries(texts)) {
    await store.put(key, new TextEncoder().encode(text));
  }
  return store;
}

/** What is listed of a folder, and whether as a stream. */
async function listed(
  store: MemoryStore,
  heldImages: number,
  options: Partial<ListInputOptions> = {},
) {
  const input = { uri: store.uri, stores: only(store) };
  const all = { object: "object", ...options, heldImages };
  const { items, ordered: _, ...listing } = await listFolder(input, all);
  const isStream = items instanceof FolderItems;
  return { isStream, found: { ...listing, items: [...items] } };
}

/** Lists a folder in both ways, which must agree. */
async function assertSame(
  store: MemoryStore,
  { isStream, ...options }: Partial<ListInputOptions> & {
    readonly isStream: boolean;
  },
) {
  const small = await listed(store, 10_000, options);
  const large = await listed(store, HELD, options);
  assert.deepEqual(large.found, small.found);
  assert.equal(small.isStream, false);
  assert.equal(large.isStream, isStream);
  return large.found;
}

Deno.test("listFolder() streams folders without labels", async () => {
  const store = await storeOf([
    ...names("", 5),
    ...names("line-4/cam1/", 7),
    ...names("line-4/cam2/", 4, "jpg"),
    ...names("line-5/masks/", 4, "jpg"),
    ...names("line-5/.hidden/", 4),
    ...names("test/", 2),
    "line-4/._1.png",
    "readme.md",
    "line-4/cam1/volume.npy",
  ]);
  const { items, reading } = await assertSame(store, { isStream: true });
  assert.equal(items.length, 22);
  assert.equal(reading.layout, "plain folders");
  const notes = reading.notes?.join("; ") ?? "";
  assert.match(notes, /^4 images in folders that are called after masks/);
  assert.match(notes, /1 file was not read: \.npy 1/);
  const two = { isStream: true, categories: ["line-5"] };
  assert.equal((await assertSame(store, two)).items.length, 4);
});

Deno.test("listFolder() streams folders of good and defective products", async () => {
  const store = await storeOf([
    ...names("nut/good/", 6),
    ...names("nut/bad/scratch/", 5),
    ...names("nut/bad/dent/", 5, "bmp"),
    ...names("bolt/train/good/", 4),
    ...names("bolt/test/good/", 4),
    ...names("bolt/test/crack/", 6),
    ...names("bolt/test_private/", 6),
    ...names("incoming/", 9),
    ...names("nut/good/xyz/", 5),
    "stray.png",
    "other.png",
  ]);
  const { items, reading } = await assertSame(store, { isStream: true });
  assert.equal(reading.layout, "folders of good and defective products");
  assert.equal(items.filter(({ defect }) => defect === "scratch").length, 5);
  const notes = reading.notes?.join("; ") ?? "";
  assert.match(notes, /11 images outside of the layout, not read: incoming 9/);
  assert.match(notes, /6 images of private tests, not read/);
  assert.match(notes, /5 depth maps, not read/);
});

Deno.test("listFolder() holds what layouts must see as a whole", async () => {
  const images = names("nut/good/", 12, "jpg");
  const masks = names("nut/bad/", 9, "jpg")
    .flatMap((path) => [path, path.replace("jpg", "png")]);
  const csv = ["uri,label", ...images.map((path) => `${path},0`)].join("\n");
  const coco = {
    images: [{ id: 1, file_name: "11.jpg" }],
    annotations: [{ image_id: 1, category_id: 1, bbox: [0, 0, 2, 2] }],
    categories: [{ id: 1, name: "dent" }],
  };
  const cases = [
    await storeOf([...images, ...masks]),
    await storeOf([...images, ...names("nut/ground_truth/", 9)]),
    await storeOf([...images, "nut/good/11_mask.png"]),
    await storeOf(images, { "list.csv": csv }),
    await storeOf(names("a/", 12, "jpg"), {
      "a/all.json": JSON.stringify(coco),
    }),
    await storeOf(names("a/", 12, "jpg"), { "a/11.txt": "0 .5 .5 .1 .1" }),
    await storeOf(Array.from({ length: 40 }, (_, i) => `part-${i}/1.png`)),
  ];
  for (const store of cases) await assertSame(store, { isStream: false });
});

Deno.test("listFolder() streams images beside files that speak of none of them", async () => {
  const store = await storeOf(names("a/", 12, "jpg"), {
    "a/notes.txt": "no image",
    "a/camera.json": '{"exposure": 3}',
    "strength_1.csv.bak": "",
  });
  await assertSame(store, { isStream: true });
  const words = ["length", "label", "segment"].flatMap((word) =>
    Array.from({ length: 4 }, (_, i) => `a/${word}${i}.jpg`)
  );
  await assertSame(await storeOf(words), { isStream: true });
});

Deno.test("listFolder() removes empty parts from keys where none is taken", async () => {
  const store = await storeOf([
    ...names("a/", 5),
    ...names("a//", 7),
    ...names("a///", 9),
    ...names("/b/", 3),
    ...names("c/", 9),
  ]);
  const { items } = await assertSame(store, { isStream: true });
  const keys = items.map(({ key }) => key);
  assert.deepEqual(keys, keys.toSorted());
  assert.ok(keys.includes("a/8.png") && keys.includes("a//1.png"));
  assert.ok(keys.includes("b/1.png"));
});

Deno.test("listFolder() orders keys by code units, as a bucket does not", async () => {
  // In UTF-8 the first comes before the second, in UTF-16 after it.
  const [private_, face] = ["\ue000", "😀"];
  const keys = ["z", "é", private_, face, `${face}a`, "a", "ﬀ"].flatMap(
    (name) => [`${name}.png`, `${name}/1.png`, `d/${name}.png`],
  );
  const { items } = await assertSame(await storeOf(keys), { isStream: true });
  assert.deepEqual(items.map(({ key }) => key), keys.toSorted());
  const flat = Array.from({ length: 20 }, (_, i) => [
    `d/${face}${i}.png`,
    `d/${private_}${i}.png`,
  ]).flat();
  const found = await assertSame(await storeOf(flat), { isStream: true });
  assert.deepEqual(found.items.map(({ key }) => key), flat.toSorted());
});

Deno.test("listFolder() refuses a large folder as it does a small one", async () => {
  const store = await storeOf([
    ...names("nut/0/", 9),
    ...names("nut/1/", 9),
  ]);
  const messages: string[] = [];
  for (const heldImages of [HELD, 1000]) {
    await assert.rejects(
      listed(store, heldImages),
      (error) => {
        assert.ok(error instanceof Error);
        messages.push(error.message);
        return error.name === "DataSetError";
      },
    );
  }
  assert.equal(messages[0], messages[1]);
  const none = await storeOf(names("a/", 12, "txt"));
  for (const heldImages of [HELD, 1000]) {
    await assert.rejects(listed(none, heldImages), { name: "DataSetError" });
  }
});
