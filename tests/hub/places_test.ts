import assert from "node:assert/strict";
import {
  cacheFolder,
  dataSetFolder,
  modelFolder,
} from "../../lib/hub/cache.ts";
import { DATA_SETS } from "../../lib/hub/data_sets.ts";
import { formatBytes } from "../../lib/hub/transfer/disk_space.ts";
import {
  addressOf,
  cachedPath,
  credentialsOf,
  parseEndpoint,
} from "../../lib/hub/hugging_face.ts";
import { isAccepted, recordAccepted } from "../../lib/hub/licences.ts";
import { withTemporary } from "./_downloads.ts";

Deno.test("cacheFolder() prefers MFP_HOME, then the XDG cache directory", () => {
  const HOME = "/home/a";
  assert.equal(cacheFolder({ HOME }), "/home/a/.cache/mfp-clip");
  const XDG_CACHE_HOME = "/caches";
  assert.equal(cacheFolder({ HOME, XDG_CACHE_HOME }), "/caches/mfp-clip");
  const MFP_HOME = "/mfp";
  const cache = cacheFolder({ HOME, XDG_CACHE_HOME, MFP_HOME });
  assert.equal(cache, "/mfp");
  assert.equal(modelFolder(cache, "a"), "/mfp/models/a");
  assert.equal(dataSetFolder(cache, "b"), "/mfp/data/b");
  assert.throws(() => cacheFolder({ HOME: "" }), RangeError);
});

const FILE = "https://huggingface.co/org/name/resolve/abc/sub/model.bin";

Deno.test("addressOf() asks a mirror for files of Hugging Face only", () => {
  const endpoint = "https://mirror.invalid/hf/";
  assert.equal(addressOf(FILE, {}), FILE);
  assert.equal(
    addressOf(FILE, { endpoint }),
    "https://mirror.invalid/hf/org/name/resolve/abc/sub/model.bin",
  );
  const other = "https://huggingface.co.evil.invalid/org/name/resolve/abc/a";
  assert.equal(addressOf(other, { endpoint }), other);
});

Deno.test("credentialsOf() names the one origin that may see the token", () => {
  assert.deepEqual(credentialsOf({}), {});
  assert.deepEqual(credentialsOf({ token: "" }), {});
  assert.deepEqual(credentialsOf({ token: "t" }), {
    credentials: { origin: "https://huggingface.co", token: "t" },
  });
  const endpoint = "https://mirror.invalid:8443/hf";
  assert.deepEqual(credentialsOf({ token: "t", endpoint }), {
    credentials: { origin: "https://mirror.invalid:8443", token: "t" },
  });
});

Deno.test("cachedPath() follows the layout of Hugging Face's cache", () => {
  assert.equal(
    cachedPath(FILE, { cache: "/hub" }),
    "/hub/models--org--name/snapshots/abc/sub/model.bin",
  );
  assert.equal(cachedPath(FILE, {}), undefined);
  assert.equal(cachedPath("https://a.invalid/b", { cache: "/hub" }), undefined);
});

Deno.test("parseEndpoint() refuses what is no address", () => {
  assert.equal(parseEndpoint("http://127.0.0.1:1//"), "http://127.0.0.1:1");
  for (const bad of ["", "mirror", "ftp://a.invalid", "file:///a"]) {
    assert.throws(() => parseEndpoint(bad), {
      name: "RangeError",
      message: /must be an address with https: current value is "/,
    });
  }
});

Deno.test("formatBytes() writes three digits", () => {
  const cases: [number, string][] = [
    [0, "0 bytes"],
    [999, "999 bytes"],
    [1000, "1.00 kB"],
    [10_500, "10.5 kB"],
    [999_499, "999 kB"],
    [999_500, "1.00 MB"],
    [1_711_974_081, "1.71 GB"],
    [5e15, "5.00e+3 TB"],
  ];
  for (const [bytes, text] of cases) assert.equal(formatBytes(bytes), text);
});

Deno.test("isAccepted() remembers a licence until it changes", async () => {
  await withTemporary(async (folder) => {
    const cache = `${folder}/new`;
    const [mvtec, visa] = DATA_SETS as [
      typeof DATA_SETS[0],
      typeof DATA_SETS[0],
    ];
    const now = new Date("2026-01-02T03:04:05Z");
    assert.ok(!await isAccepted(cache, mvtec));
    await recordAccepted(cache, mvtec, now);
    await recordAccepted(cache, visa, now);
    assert.ok(await isAccepted(cache, mvtec));
    assert.ok(await isAccepted(cache, visa));
    assert.ok(!await isAccepted(cache, { ...mvtec, licence: "another" }));
    const text = await Deno.readTextFile(`${cache}/licences.json`);
    assert.equal(JSON.parse(text).mvtec.accepted, "2026-01-02T03:04:05.000Z");
    await Deno.writeTextFile(`${cache}/licences.json`, "{");
    assert.ok(!await isAccepted(cache, mvtec));
  });
});
