import assert from "node:assert/strict";
import { decodeImage } from "../../../lib/image/decode.ts";
import { decodeMemory } from "../../../lib/references/memory_file.ts";
import { readProfile } from "../../../lib/references/profile.ts";
import type { ClientProfileJson } from "../../../lib/server/profiles/profile_json.ts";
import type { ScoringServer } from "../../../lib/server/server.ts";
import { png, post, postJson, readyServer } from "../_server.ts";
import { goodForm, nanoServer, part } from "./_good_images.ts";

const GOOD = await Promise.all([1, 2, 3, 4, 5, 6].map((i) => part(i)));
const PNG = { "Content-Type": "image/png" };

async function make(
  server: ScoringServer,
  images = GOOD,
  category = "strip",
): Promise<ClientProfileJson> {
  const form = goodForm(images, category);
  const response = await post(server, "/v1/profiles", form);
  assert.equal(response.status, 201, await response.clone().text());
  return await response.json();
}

Deno.test("POST /v1/profiles learns good images, by which images are then judged", async () => {
  await using nano = await nanoServer();
  const { server, detector } = nano;
  const profile = await make(server);
  const { id, calibration, ...rest } = profile;
  assert.match(id, /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
  assert.deepEqual([rest.category, rest.images], ["strip", 6]);
  assert.equal(rest.is_ready, true);
  assert.equal(calibration!.images_needed, 19);
  assert.equal(calibration!.good_scores.length, 6);
  assert.equal(calibration!.false_alarms.of, 6);
  const ask = async (image: Uint8Array<ArrayBuffer>, query: string) =>
    await (await post(server, `/v1/score?${query}`, image, PNG)).json();
  const [good, bad] = [await part(7), await part(8, true)];
  const seen = await ask(bad, `profile=${id}`);
  assert.deepEqual([seen.category, seen.is_anomalous], ["strip", true]);
  assert.equal(seen.threshold, calibration!.threshold);
  assert.ok(seen.regions.length > 0);
  assert.equal((await ask(good, `profile=${id}`)).is_anomalous, false);
  const zeroShot = await ask(bad, "category=strip");
  assert.equal(zeroShot.is_anomalous, undefined);
  const moved = await ask(good, `profile=${id}&threshold=-100`);
  assert.deepEqual([moved.is_anomalous, moved.threshold], [true, -100]);
  // The same as the library learns of the same images.
  const images = await Promise.all(GOOD.map((bytes) => decodeImage(bytes)));
  await detector.learn("strip", images);
  const pixels = detector.preprocess(await decodeImage(bad));
  const [found] = await detector.detect([{ pixels, category: "strip" }]);
  assert.equal(seen.score_logit, found!.scoreLogit);
});

Deno.test("POST /v1/profiles/{id}/images adds images, until there are enough", async () => {
  await using nano = await nanoServer();
  const { server, detector } = nano;
  const few = await make(server, GOOD.slice(0, 3));
  assert.deepEqual([few.is_ready, few.calibration], [false, null]);
  const path = `/v1/profiles/${few.id}`;
  const early = await post(server, `/v1/score?profile=${few.id}`, GOOD[0]!);
  assert.equal(early.status, 400);
  assert.match((await early.json()).error, /at least 4 good images/);
  assert.equal((await server.app.request(`${path}/archive`)).status, 409);
  const added = await post(server, `${path}/images`, goodForm(GOOD.slice(3)));
  const { images, calibration } = await added.json();
  assert.equal(images, 6);
  assert.deepEqual(calibration, (await make(server)).calibration);
  const read = await (await server.app.request(path)).json();
  assert.deepEqual(read.calibration, calibration);
  assert.deepEqual(detector.learned, []);
});

Deno.test("GET /v1/profiles/{id}/archive packs what --profile reads", async () => {
  await using nano = await nanoServer();
  const { server, detector, settings } = nano;
  const { id, calibration } = await make(server, GOOD, "ball screw/x");
  const load = async (query: string) => {
    const path = `/v1/profiles/${id}/archive${query}`;
    const response = await server.app.request(path);
    assert.equal(
      response.headers.get("Content-Disposition"),
      'attachment; filename="profile-ball_screw_x.zip"',
    );
    const file = await Deno.makeTempFile({ suffix: ".zip" });
    await Deno.writeFile(file, await response.bytes());
    const loaded = await readProfile(file);
    await Deno.remove(file);
    return loaded;
  };
  const { profile, memories } = await load("");
  assert.deepEqual(profile.model, settings.model);
  assert.deepEqual(profile.target, { false_alarms: 0.05 });
  const found = profile.categories["ball screw/x"]!;
  assert.equal(found.threshold, calibration!.threshold);
  const memory = memories.get("ball screw/x")!;
  const { images } = decodeMemory(memory, "it").memory;
  assert.deepEqual(images[0]!.key, "image 1");
  await detector.remember(memory);
  const moved = (await load("?threshold=-100")).profile;
  assert.deepEqual(moved.target, { threshold: -100 });
  assert.equal(moved.categories["ball screw/x"]!.false_alarms.rate, 1);
});

Deno.test("DELETE /v1/profiles/{id} frees it, and nobody may use it", async () => {
  await using nano = await nanoServer();
  const { server, detector } = nano;
  const { id } = await make(server);
  const path = `/v1/profiles/${id}`;
  assert.ok(detector.memory(`${id}/0`));
  const options = { method: "DELETE" };
  assert.equal((await server.app.request(path, options)).status, 204);
  for (const gone of [path, `${path}/archive`]) {
    assert.equal((await server.app.request(gone)).status, 404);
  }
  const scored = await post(server, `/v1/score?profile=${id}`, GOOD[0]!, PNG);
  assert.equal(scored.status, 404);
  const items = { instances: [{ b64: GOOD[0]!.toBase64(), profile: id }] };
  const [item] = (await (await postJson(server, "/invocations", items)).json())
    .predictions;
  assert.equal(item.reason, "not_found");
  assert.equal(detector.memory(`${id}/0`), undefined);
});

Deno.test("DELETE /v1/profiles/{id} is told to whoever adds images meanwhile", async () => {
  await using nano = await nanoServer();
  const { server, detector } = nano;
  const learn = detector.learn.bind(detector);
  // Before the images are read, and after they are learned.
  for (const isEarly of [true, false]) {
    const { id } = await make(server, GOOD.slice(0, 1));
    const path = `/v1/profiles/${id}`;
    const drop = () => server.app.request(path, { method: "DELETE" });
    detector.learn = async (...args) => {
      if (isEarly) await drop();
      const learned = await learn(...args);
      if (!isEarly) await drop();
      return learned;
    };
    const response = await post(
      server,
      `${path}/images`,
      goodForm(GOOD.slice(2)),
    );
    detector.learn = learn;
    const { error } = await response.json();
    assert.equal(response.status, 404, error);
    assert.match(error, /it was dropped while/);
  }
});

Deno.test("POST /v1/profiles refuses what it cannot learn, and keeps nothing of it", async () => {
  await using nano = await nanoServer({ limits: { profileImages: 6 } });
  const { server } = nano;
  const text = new TextEncoder().encode("no image");
  const cases = [
    [goodForm(GOOD), 400, /category must be given/],
    [goodForm([], "strip"), 400, /must have files, good|whole and valid/],
    [goodForm([...GOOD, GOOD[0]!], "strip"), 413, /at most 6/],
    [goodForm([...GOOD.slice(2), text], "strip"), 415, /image 5 is not \(/],
    [goodForm(GOOD, "a\nb"), 400, /name of 1 to 200 characters/],
  ] as const;
  for (const [form, status, pattern] of cases) {
    const response = await post(server, "/v1/profiles", form);
    const { error } = await response.json();
    assert.equal(response.status, status, error);
    assert.match(error, pattern);
  }
  const { id } = await make(server, GOOD.slice(0, 1));
  const paths = ["/v1/profiles?category=a", `/v1/profiles/${id}/images`];
  for (const path of paths) {
    const response = await post(server, path, goodForm(GOOD.slice(1), "b"));
    assert.equal(response.status, 400);
    assert.match((await response.json()).error, /: current value is "b"/);
  }
  const plain = await post(server, "/v1/profiles?category=a", GOOD[0]!, PNG);
  assert.equal(plain.status, 415);
});

Deno.test("POST /v1/profiles answers 503 where memory is full, and 429 where there are too many", async () => {
  await using small = await nanoServer({ limits: { profileBytes: 100_000 } });
  const full = await post(small.server, "/v1/profiles", goodForm(GOOD, "a"));
  assert.equal(full.status, 503);
  await using one = await nanoServer({ limits: { profiles: 1 } });
  await make(one.server, GOOD.slice(0, 1));
  const other = await post(one.server, "/v1/profiles", goodForm(GOOD, "a"));
  assert.equal(other.status, 429);
});

Deno.test("profiles need a token where the server has some, and a detector that learns", async () => {
  const { server } = readyServer({ tokens: ["secret"] });
  const form = () => goodForm(GOOD, "strip");
  assert.equal((await post(server, "/v1/profiles", form())).status, 401);
  const headers = { Authorization: "Bearer secret" };
  const response = await post(server, "/v1/profiles", form(), headers);
  assert.equal(response.status, 501);
});

Deno.test("GET /v1/profiles lists what the server was started with, and nobody's else", async () => {
  await using nano = await nanoServer();
  const { server, detector, settings } = nano;
  await make(server);
  const list = async () =>
    await (await server.app.request("/v1/profiles")).json();
  assert.deepEqual(await list(), { profiles: [] });
  const product = {
    threshold: 1,
    pixel_threshold: 1,
    heat_range: [0, 2],
    good_scores: [0, 0.5],
    false_alarms: { count: 0, of: 2, rate: 0, interval: [0, 0.8] },
    recall: null,
    images_needed: 19,
  } as const;
  server.modelLoaded({ detector, settings, products: { nut: product } });
  const { profiles: [nut] } = await list();
  assert.equal(nut.category, "nut");
  assert.deepEqual(nut.good_scores, [0, 0.5]);
});

Deno.test("the Open Inference Protocol answers verdicts, by a profile too", async () => {
  await using nano = await nanoServer();
  const { server } = nano;
  const { id } = await make(server);
  const image = (await part(9, true)).toBase64();
  const ask = async (parameters?: object) => {
    const inputs = [
      { name: "image", shape: [1], datatype: "BYTES", data: [image] },
    ];
    const path = "/v2/models/nano/infer";
    const answer = await postJson(server, path, { inputs, parameters });
    const { outputs } = await answer.json();
    return Object.fromEntries(
      outputs.map((
        { name, data }: { name: string; data: unknown[] },
      ) => [name, data[0]]),
    );
  };
  const judged = await ask({ profile: id });
  assert.equal(judged.is_anomalous, true);
  assert.ok(judged.score_logit >= judged.threshold);
  assert.deepEqual(Object.keys(await ask()), ["score", "score_logit", "error"]);
});

Deno.test("POST /v1/score answers a heatmap to lie over its image", async () => {
  const { server } = readyServer();
  const query = "category=cup&heatmap=layer";
  const response = await post(server, `/v1/score?${query}`, await png(0), PNG);
  const { heatmap } = await response.json();
  const { default: sharp } = await import("sharp");
  const { channels } = await sharp(Uint8Array.fromBase64(heatmap)).metadata();
  assert.equal(channels, 4);
  server.close();
});

Deno.test("POST /v1/profiles learns good images in the tiles of the server", async () => {
  const tiles = { tile: { rows: 1, columns: 2 }, overlap: 0 };
  await using nano = await nanoServer({}, tiles);
  const { server, detector } = nano;
  const { id } = await make(server);
  const bad = await part(8, true);
  const seen = await (await post(server, `/v1/score?profile=${id}`, bad, PNG))
    .json();
  const images = await Promise.all(GOOD.map((bytes) => decodeImage(bytes)));
  const learned = await detector.learn("strip", images);
  assert.equal(learned.patches, GOOD.length * 2 * 14 * 14);
  const input = detector.prepare(await decodeImage(bad), "strip");
  const [found] = await detector.detect([input]);
  assert.equal(seen.score_logit, found!.scoreLogit);
  assert.deepEqual(seen.map, { width: 224, height: 112 });
  const kept = await server.app.request(`/v1/profiles/${id}/archive`);
  assert.equal(kept.status, 200, await kept.clone().text());
  const path = await Deno.makeTempFile({ suffix: ".zip" });
  await Deno.writeFile(path, await kept.bytes());
  const { profile, memories } = await readProfile(path);
  await Deno.remove(path);
  assert.deepEqual(profile.frame, detector.framing!.settings);
  assert.deepEqual(memories.get("strip"), detector.memory("strip"));
});
