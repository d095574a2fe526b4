import assert from "node:assert/strict";
import { part } from "../server/profiles/_good_images.ts";
import { startServer, untilReady } from "../server/_client.ts";
import { temporaryFolder } from "../server/_server.ts";

async function writeGood(folder: string, count: number): Promise<string> {
  const path = `${folder}/good`;
  await Deno.mkdir(path);
  for (let seed = 0; seed < count; seed++) {
    await Deno.writeFile(`${path}/${seed}.png`, await part(seed));
  }
  return path;
}

async function scoreOf(address: string, image: Uint8Array<ArrayBuffer>) {
  const response = await fetch(`${address}/v1/score?category=strip`, {
    method: "POST",
    headers: { "Content-Type": "image/png" },
    body: image,
  });
  return await response.json();
}

Deno.test("serve --good compares with good images, and decides where there are enough", async () => {
  await using folder = await temporaryFolder();
  const good = await writeGood(folder.path, 20);
  await using server = await startServer([
    ...[`--state=${folder.path}/state`, "--threads=1", "--port=0"],
    ...["--object=strip", `--good=${good}`],
  ]);
  await untilReady(server.address);
  assert.match(server.log(), /Good images: strip 20/);
  assert.doesNotMatch(server.log(), /knows no photographs/);
  const { is_anomalous, regions, threshold } = await scoreOf(
    server.address,
    await part(30, true),
  );
  assert.equal(is_anomalous, true);
  assert.ok(regions.length > 0);
  const listed = await (await fetch(`${server.address}/v1/profiles`)).json();
  const [{ category, good_scores, ...served }] = listed.profiles;
  assert.deepEqual([category, good_scores.length], ["strip", 20]);
  assert.equal(served.threshold, threshold);
});

Deno.test("serve --good gives scores alone where good images are too few, and says so", async () => {
  await using folder = await temporaryFolder();
  const good = await writeGood(folder.path, 3);
  await using server = await startServer([
    ...[`--state=${folder.path}/state`, "--threads=1", "--port=0"],
    ...["--object=strip", `--good=${good}`],
  ]);
  await untilReady(server.address);
  assert.match(
    server.log(),
    /Note: 3 good images of "strip" are too few .* which take 19/,
  );
  const [good_, bad] = await Promise.all([
    scoreOf(server.address, await part(31)),
    scoreOf(server.address, await part(32, true)),
  ]);
  assert.equal(bad.is_anomalous, undefined);
  assert.ok(bad.score > good_.score);
});
