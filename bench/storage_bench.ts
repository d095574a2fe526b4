/**
 * Writing and reading objects: in a folder, compared with the file functions of
 * Deno, and in a bucket if radosgw is installed, which
 * `deno bench -P=integration bench/storage_bench.ts` starts. The folder lies in
 * memory where the machine has such a place, so that no disk is measured.
 *
 * | group         | objects | bytes of each | as                        |
 * | ------------- | ------- | ------------- | ------------------------- |
 * | create, read  | 64      | 100 KiB       | heatmaps, in turn         |
 * | create 16     | 64      | 100 KiB       | heatmaps, 16 at a time    |
 * | put, get      | 1       | 8 MiB         | a Parquet part, an image  |
 *
 * @module
 */
import { FileStore } from "../lib/storage/file_store.ts";
import type { ObjectStore } from "../lib/storage/object_store.ts";

const BUCKET = "benchmark";
const OBJECTS = 64;
const AT_ONCE = 16;
const MEMORY = "/dev/shm";
const hasMemory = await Deno.stat(MEMORY).then(() => true, () => false);
const folder = await Deno.makeTempDir(hasMemory ? { dir: MEMORY } : {});
const heatmap = new Uint8Array(100 << 10);
const part = new Uint8Array(8 << 20);
crypto.getRandomValues(heatmap.subarray(0, 1 << 16));

async function openBucket(): Promise<ObjectStore | undefined> {
  const { state } = await Deno.permissions.query({ name: "run" });
  if (state !== "granted") return undefined;
  const { startRadosgw, whyNoRadosgw } = await import(
    "../tests/integration/radosgw.ts"
  );
  if (await whyNoRadosgw() !== undefined) return undefined;
  const gateway = await startRadosgw(await Deno.makeTempDir({ dir: folder }));
  globalThis.addEventListener("unload", () => void gateway.stop());
  await gateway.createBucket(BUCKET);
  const { openStore } = await import("../lib/storage/open_store.ts");
  const { endpoint, accessKey, secretKey } = gateway;
  const credentials = { accessKeyId: accessKey, secretAccessKey: secretKey };
  return openStore(`s3://${BUCKET}/`, { endpoint, credentials });
}

const bucket = await openBucket();
globalThis.addEventListener("unload", () => {
  Deno.removeSync(folder, { recursive: true });
});

/** What is measured. */
interface Place {
  create(name: string, bytes: Bytes): Promise<unknown>;
  put(name: string, bytes: Bytes): Promise<unknown>;
  read(name: string): Promise<unknown>;
  delete(name: string): Promise<unknown>;
}

type Bytes = Uint8Array<ArrayBuffer>;

const write = (name: string, bytes: Bytes) =>
  Deno.writeFile(`${folder}/${name}`, bytes);
const files: Place = {
  create: write,
  put: write,
  read: (name) => Deno.readFile(`${folder}/${name}`),
  delete: (name) => Deno.remove(`${folder}/${name}`),
};

/** Does something for each of many names, so many at a time. */
async function forEach(
  atOnce: number,
  work: (name: string) => Promise<unknown>,
): Promise<void> {
  for (let i = 0; i < OBJECTS; i += atOnce) {
    const names = Array.from({ length: atOnce }, (_, j) => `new${i + j}`);
    await Promise.all(names.map(work));
  }
}

/** Measures a place; what is created is deleted again, so names are new. */
async function measure(name: string, place: Place): Promise<void> {
  const baseline = place === files;
  await place.put("heatmap", heatmap);
  await place.put("part", part);
  const created = { "create": 1, [`create ${AT_ONCE}`]: AT_ONCE };
  for (const [group, atOnce] of Object.entries(created)) {
    Deno.bench({ name, group, baseline }, async (bench) => {
      bench.start();
      await forEach(atOnce, (key) => place.create(key, heatmap));
      bench.end();
      await forEach(AT_ONCE, (key) => place.delete(key));
    });
  }
  Deno.bench({ name, group: "read", baseline }, async () => {
    await forEach(1, () => place.read("heatmap"));
  });
  Deno.bench({ name, group: "put", baseline }, async () => {
    await place.put("part", part);
  });
  Deno.bench({ name, group: "get", baseline }, async () => {
    await place.read("part");
  });
}

await measure("Deno", files);
await measure("FileStore", new FileStore(folder));
if (bucket !== undefined) await measure("S3Store", bucket);
