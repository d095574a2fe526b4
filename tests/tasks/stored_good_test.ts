import assert from "node:assert/strict";
import { allStores } from "../../lib/batch/stores.ts";
import { Detector } from "../../lib/detector/detector.ts";
import { fingerprint } from "../../lib/methods/fingerprint.ts";
import { learnStoredGood, planGood } from "../../tasks/flags/stored_good.ts";
import { part } from "../server/profiles/_good_images.ts";
import { startS3Server } from "../storage/_s3_server.ts";
import { withConsole } from "./_console.ts";

const { signal } = new AbortController();
const OPTIONS = { decode: { bitDepth: 16 }, signal } as const;

/** A bucket with three good images of a nut. */
async function bucketOfGood() {
  const server = await startS3Server();
  const stores = allStores(server.settings);
  const good = `s3://${server.bucket}/good/`;
  for (const seed of [1, 2, 3]) {
    await stores.folder(good).put(`nut/${seed}.png`, await part(seed));
  }
  return {
    stores,
    good,
    out: stores.folder(`s3://${server.bucket}/out/`),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

Deno.test("planGood() learns the good images of a bucket once, for all workers", async () => {
  await using bucket = await bucketOfGood();
  const { good, stores, out } = bucket;
  const model = { name: "nano", fingerprint: await fingerprint("models/nano") };
  let opened = 0;
  const plan = async () =>
    await planGood({ good, shots: undefined }, {
      ...OPTIONS,
      stores,
      settings: { model, precision: "f32" },
      open: () => {
        opened++;
        return Detector.open("nano", { threads: 1, learns: true });
      },
    });
  await withConsole(async () => {
    const [first, second] = [(await plan())!, (await plan())!];
    assert.equal(first.identity, second.identity);
    const learned = await first.learn(["nut"], out);
    assert.equal(learned["nut"]!.images, 3);
    assert.deepEqual(await second.learn(["nut"], out), learned);
    assert.equal(opened, 1);
    await stores.folder(good).put("nut/4.png", await part(4));
    assert.notEqual((await plan())!.identity, first.identity);
    return 0;
  });
});

Deno.test("learnStoredGood() shows a server's detector the good images of a bucket", async () => {
  await using bucket = await bucketOfGood();
  const { good, stores } = bucket;
  await using detector = await Detector.open("nano", {
    threads: 1,
    learns: true,
  });
  const flags = { good, shots: 2, category: undefined, object: "part" };
  const { stderr } = await withConsole(async () => {
    await learnStoredGood(detector, flags, { ...OPTIONS, stores });
    return 0;
  });
  assert.match(stderr, /Good images: nut 2/);
  const learned = detector.learned.map(({ category, images }) => [
    category,
    images,
  ]);
  assert.deepEqual(learned, [["nut", 2]]);
});
