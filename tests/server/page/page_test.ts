import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { allStores } from "../../../lib/batch/stores.ts";
import { listen } from "../../../lib/server/listen.ts";
import { packZip } from "../../data/trees.ts";
import type { Box, Seen } from "../_seen.ts";
import { png, readyServer, temporaryFolder } from "../_server.ts";
import { CHROMIUM, runBrowser } from "./_chromium.ts";

const TOKEN = "secret";
const BROWSER = fileURLToPath(new URL("./_browser.ts", import.meta.url));
/** Landscape, portrait, strips, small ones, and one that EXIF turns. */
const SHAPES = [
  [960, 720],
  [720, 960],
  [1520, 340],
  [40, 1200],
  [2000, 20],
  [90, 60],
  [60, 90],
] as const;

/** Files of all shapes, and the shape in which each is shown. */
async function writeShapes(root: string) {
  const shapes = [];
  for (const [width, height] of SHAPES) {
    const path = `${root}/${width}x${height}.png`;
    await Deno.writeFile(path, await png(100, { width, height }));
    shapes.push({ path, ratio: width / height });
  }
  const path = `${root}/turned.jpg`;
  const create = { width: 640, height: 400, channels: 3, background: "red" };
  const turned = sharp({ create: { ...create, channels: 3 } })
    .withMetadata({ orientation: 6 }).jpeg();
  await Deno.writeFile(path, await turned.toBuffer());
  shapes.push({ path, ratio: 400 / 640 });
  return shapes;
}

async function writeArchive(path: string): Promise<string> {
  const entries = [["a/low.png", 20], ["a/high.png", 250]] as const;
  const files = await Promise.all(
    entries.map(async ([name, brightness]) => ({
      name,
      data: await png(brightness),
    })),
  );
  await Deno.writeFile(path, packZip(files));
  return path;
}

function assertSameBox(actual: Box, expected: Box, what: string): void {
  const off = actual.map((value, i) => Math.abs(value - expected[i]!));
  assert.ok(Math.max(...off) < 0.5, `${what}: ${actual} is not ${expected}`);
}

async function prepare(root: { path: string; uri: string }) {
  await Deno.mkdir(`${root.path}/in/cup`, { recursive: true });
  for (const [i, brightness] of [40, 200].entries()) {
    const image = await png(brightness, { width: 60, height: 40 });
    await Deno.writeFile(`${root.path}/in/cup/${i}.png`, image);
  }
  const options = {
    allowInput: [`${root.uri}in/`],
    allowOutput: [`${root.uri}out/`],
    state: allStores().folder(`${root.path}/state`),
    pollMilliseconds: 50,
  };
  const local = { hostname: "127.0.0.1", port: 0 };
  return await Promise.all(
    [[], [TOKEN]].map((tokens) =>
      listen(readyServer({ ...options, tokens }).server, local)
    ),
  );
}

Deno.test({
  name: CHROMIUM === undefined
    ? "the page works in a browser (skipped: no chromium is installed)"
    : "the page works in a browser",
  ignore: CHROMIUM === undefined,
  async fn() {
    await using root = await temporaryFolder();
    const servers = await prepare(root);
    const [open, closed] = servers.map(({ port }) =>
      `http://127.0.0.1:${port}/`
    );
    const shapes = await writeShapes(root.path);
    const seen = await runBrowser<Seen>(BROWSER, {
      chromium: CHROMIUM!,
      open: open!,
      closed: closed!,
      token: TOKEN,
      image: `${root.path}/in/cup/1.png`,
      shapes: shapes.map(({ path }) => path),
      archive: await writeArchive(`${root.path}/parts.zip`),
      input: `${root.uri}in/`,
      foreign: `${root.uri}secret/`,
      output: `${root.uri}out/`,
    });
    await Promise.all(servers.map((server) => server.drain({ accept: 0 })));
    assert.equal(seen.score, "0.784");
    assert.equal(seen.heatWidth, 8);
    assert.equal(seen.shownWidth, 420);
    assert.equal(seen.opacity, "1");
    assert.equal(seen.boxes.length, 2 * shapes.length);
    for (const [i, { photo, heat, outlines }] of seen.boxes.entries()) {
      const { path, ratio } = shapes[i % shapes.length]!;
      const what = `${path} at ${i < shapes.length ? 1280 : 375}`;
      assertSameBox(heat, photo, what);
      assertSameBox(outlines, photo, what);
      const [, , width, height] = photo;
      assert.ok(Math.abs(height - width / ratio) < 0.5, `${what}: ${photo}`);
    }
    assert.deepEqual(seen.list, {
      count: "3 of 3 images scored",
      names: ["a/high.png", "1.png", "a/low.png"],
      chosen: "1.png · cup",
      judged: {
        all: "3 of 3 look defective",
        none: "0 of 3 look defective",
        badges: ["Good", "Good", "Good"],
      },
    });
    assert.deepEqual(seen.stale, { isShown: false, values: "" });
    assert.equal(seen.places, `${root.uri}in/`);
    assert.match(seen.broken, /format must be PNG, JPEG/);
    assert.match(seen.batch.refused, /in a folder that this server allows/);
    assert.match(seen.batch.count, /^2 of 2 images/);
    assert.match(seen.batch.title, /anomaly detection report/);
    assert.ok(
      seen.contrasts.every((ratio) => ratio >= 4.5),
      `${seen.contrasts}`,
    );
    assert.deepEqual(seen.overflows, [0, 0]);
    assert.deepEqual(seen.unnamed, []);
    assert.match(seen.token.without, /must carry the token/);
    assert.equal(seen.token.score, "0.784");
    assert.match(seen.token.title, /anomaly detection report/);
    assert.deepEqual(seen.strange, []);
  },
});
