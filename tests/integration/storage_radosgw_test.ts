import assert from "node:assert/strict";
import { compareKeys } from "../../lib/storage/keys.ts";
import { openStore } from "../../lib/storage/open_store.ts";
import type { StoreSettings } from "../../lib/storage/store_settings.ts";
import {
  bytesOf,
  keysOf,
  type OpenStore,
  testStore,
} from "../storage/_contract.ts";
import { type FaultRates, startFaultProxy } from "./fault_proxy.ts";
import { type Radosgw, startRadosgw, whyNoRadosgw } from "./radosgw.ts";

const BUCKET = "images";
const RATES: FaultRates = {
  unavailable: 0.06,
  reset: 0.04,
  lost: 0.04,
  cut: 0.06,
  stall: 0.02,
};

const skip = await whyNoRadosgw();
let gateway: Radosgw;

Deno.test.beforeAll(async () => {
  if (skip !== undefined) return;
  gateway = await startRadosgw();
  await gateway.createBucket(BUCKET);
});

Deno.test.afterAll(async () => {
  if (skip === undefined) await gateway.stop();
});

function settingsFor(endpoint: string): StoreSettings {
  const { accessKey, secretKey } = gateway;
  const credentials = { accessKeyId: accessKey, secretAccessKey: secretKey };
  return { endpoint, credentials, stallSeconds: 4, attempts: 8 };
}

function emptyFolder(settings: StoreSettings): OpenStore["store"] {
  return openStore(`s3://${BUCKET}/${crypto.randomUUID()}/`, settings);
}

testStore("S3Store on radosgw", () => {
  const store = emptyFolder(settingsFor(gateway.endpoint));
  return { store, [Symbol.asyncDispose]: () => Promise.resolve() };
}, { isFull: true, skip });

let seed = 0;

testStore("S3Store on radosgw behind faults", () => {
  seed += 1;
  const proxy = startFaultProxy(gateway.endpoint, { seed, rates: RATES });
  const store = emptyFolder(settingsFor(proxy.endpoint));
  return { store, [Symbol.asyncDispose]: () => proxy.stop() };
}, { isFull: true, skip });

function testRadosgw(title: string, fn: () => Promise<void>): void {
  const name = `S3Store ${title}${skip === undefined ? "" : ` (${skip})`}`;
  Deno.test({ name, ignore: skip !== undefined, fn });
}

testRadosgw("lists more than a page of radosgw", async () => {
  const store = emptyFolder(settingsFor(gateway.endpoint));
  const digits = Array.from({ length: 1000 }, (_, i) => `${i + 1000}`);
  const others = ["é/1", "é/2", "\ue000/1", "\ue000/2", "\u{1f600}/1"];
  const keys = [...digits, ...others];
  for (let at = 0; at < keys.length; at += 15) {
    const some = keys.slice(at, at + 15);
    await Promise.all(some.map((key) => store.put(key, bytesOf(key))));
  }
  assert.deepEqual(await keysOf(store.list("")), keys);
  const anyOrder = await keysOf(store.list("", { anyOrder: true }));
  assert.deepEqual(anyOrder.sort(compareKeys), keys);
});

testRadosgw("loses nothing and doubles nothing behind faults", async () => {
  const rates = { unavailable: 0.1, reset: 0.08, lost: 0.08, cut: 0.1 };
  const proxy = startFaultProxy(gateway.endpoint, { seed: 100, rates });
  await using _ = proxy;
  const faulty = emptyFolder(settingsFor(proxy.endpoint));
  const direct = openStore(faulty.uri, settingsFor(gateway.endpoint));
  const work = Array.from({ length: 100 }, async (_, i) => {
    const text = `${i}`.repeat(1000);
    assert.equal(await faulty.create(`${i}`, bytesOf(text)), true);
    assert.equal(await faulty.create(`${i}`, bytesOf("other")), false);
    return text;
  });
  for (const [i, text] of (await Promise.all(work)).entries()) {
    assert.deepEqual(await direct.read(`${i}`), bytesOf(text));
    assert.deepEqual(await faulty.read(`${i}`), bytesOf(text));
  }
  assert.equal((await keysOf(direct.list(""))).length, 100);
  for (const kind of ["unavailable", "reset", "lost", "cut"] as const) {
    assert.ok(proxy.faults[kind] > 10, `${kind}: ${proxy.faults[kind]}`);
  }
});

testRadosgw("says that radosgw refuses a wrong secret", async () => {
  const settings = settingsFor(gateway.endpoint);
  const credentials = {
    accessKeyId: gateway.accessKey,
    secretAccessKey: "no",
  };
  const store = emptyFolder({ ...settings, credentials });
  const message = /^Cannot read .* as the credentials must allow it: Sig/;
  await assert.rejects(store.read("key"), { failure: "denied", message });
  const nowhere = openStore("s3://no-such-bucket/", settings);
  await assert.rejects(nowhere.read("key"), { failure: "missing" });
});
