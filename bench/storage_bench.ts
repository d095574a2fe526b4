/**
 * Writing and reading objects: in a folder, compared with the file functions of
 * Deno, and in a bucket if radosgw is installed, which
 * `deno bench -P=integration bench/storage_bench.ts` starts.
 *
 * | group         | objects | bytes of each | as                       |
 * | ------------- | ------- | ------------- | ------------------------ |
 * | create, read  | 1       | 100 KiB       | a heatmap                |
 * | create 16     | 16      | 100 KiB       | heatmaps at once         |
 * | put, get      | 1       | 8 MiB         | a Parquet part, an image |
 *
 * @module
 */
import { FileStore } from "../lib/storage/file_store.ts";
import type { ObjectStore } from "../lib/storage/object_store.ts";

const BUCKET = "benchmark";
const folder = await Deno.makeTempDir();
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
const stores: [string, ObjectStore][] = [
  ["FileStore", new FileStore(folder)],
  ...bucket === undefined ? [] : [["S3Store", bucket] as [string, ObjectStore]],
];
const heatmapPath = `${folder}/heatmap`;
const partPath = `${folder}/part`;
let count = 0;

await Deno.writeFile(heatmapPath, heatmap);
await Deno.writeFile(partPath, part);
await bucket?.put("heatmap", heatmap);
await bucket?.put("part", part);

Deno.bench("Deno.writeFile", { group: "create", baseline: true }, async () => {
  await Deno.writeFile(`${folder}/new${count++}`, heatmap);
});
Deno.bench("Deno.readFile", { group: "read", baseline: true }, async () => {
  await Deno.readFile(heatmapPath);
});
Deno.bench(
  "Deno.writeFile",
  { group: "create 16", baseline: true },
  async () => {
    const paths = Array.from({ length: 16 }, () => `${folder}/new${count++}`);
    await Promise.all(paths.map((path) => Deno.writeFile(path, heatmap)));
  },
);
Deno.bench("Deno.writeFile", { group: "put", baseline: true }, async () => {
  await Deno.writeFile(partPath, part);
});
Deno.bench("Deno.readFile", { group: "get", baseline: true }, async () => {
  await Deno.readFile(partPath);
});

for (const [name, store] of stores) {
  Deno.bench(name, { group: "create" }, async () => {
    await store.create(`new${count++}`, heatmap);
  });
  Deno.bench(name, { group: "read" }, async () => {
    await store.read("heatmap");
  });
  Deno.bench(name, { group: "create 16" }, async () => {
    const keys = Array.from({ length: 16 }, () => `new${count++}`);
    await Promise.all(keys.map((key) => store.create(key, heatmap)));
  });
  Deno.bench(name, { group: "put" }, async () => {
    await store.put("part", part);
  });
  Deno.bench(name, { group: "get" }, async () => {
    await store.read("part");
  });
}
