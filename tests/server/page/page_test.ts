import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { allStores } from "../../../lib/batch/stores.ts";
import { listen } from "../../../lib/server/listen.ts";
import type { BrowserTask, Seen } from "../_seen.ts";
import { png, readyServer, temporaryFolder } from "../_server.ts";

const TOKEN = "secret";
const BROWSER = fileURLToPath(new URL("./_browser.ts", import.meta.url));
const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find(
  (path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  },
);

async function useBrowser(task: BrowserTask): Promise<Seen> {
  const { success, stdout, stderr } = await new Deno.Command("deno", {
    args: ["run", "-A", "--no-check", BROWSER, JSON.stringify(task)],
  }).output();
  const decoder = new TextDecoder();
  assert.ok(success, decoder.decode(stderr));
  return JSON.parse(decoder.decode(stdout));
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
    const seen = await useBrowser({
      chromium: CHROMIUM!,
      open: open!,
      closed: closed!,
      token: TOKEN,
      image: `${root.path}/in/cup/1.png`,
      input: `${root.uri}in/`,
      foreign: `${root.uri}secret/`,
      output: `${root.uri}out/`,
    });
    await Promise.all(servers.map((server) => server.drain({ accept: 0 })));
    assert.equal(seen.score, "0.784");
    assert.equal(seen.heatWidth, 8);
    assert.equal(seen.shownWidth, 420);
    assert.equal(seen.opacity, "1");
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
