import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { listen } from "../../../lib/server/listen.ts";
import { readProfile } from "../../../lib/references/profile.ts";
import { nanoServer, part } from "../profiles/_good_images.ts";
import { temporaryFolder } from "../_server.ts";
import { CHROMIUM, runBrowser } from "./_chromium.ts";
import type { ProfileSeen, ProfileTask } from "./_profile_seen.ts";

const SCRIPT = fileURLToPath(new URL("./_profile_browser.ts", import.meta.url));
const TOKEN = "secret";

async function write(
  folder: string,
  seed: number,
  isDefective = false,
): Promise<string> {
  const path = `${folder}/${seed}.png`;
  await Deno.writeFile(path, await part(seed, isDefective));
  return path;
}

Deno.test({
  name: CHROMIUM === undefined
    ? "the page learns good images (skipped: no chromium is installed)"
    : "the page learns good images, judges parts by them, and saves a profile",
  ignore: CHROMIUM === undefined,
  async fn() {
    await using root = await temporaryFolder();
    const { path: folder } = root;
    await using nano = await nanoServer({ tokens: [TOKEN] });
    const address = { hostname: "127.0.0.1", port: 0 };
    const listening = await listen(nano.server, address);
    const good = [1, 2, 3, 4, 5].map((seed) => write(folder, seed));
    const task: ProfileTask = {
      chromium: CHROMIUM!,
      address: `http://127.0.0.1:${listening.port}/`,
      token: TOKEN,
      good: await Promise.all(good),
      parts: [await write(folder, 6), await write(folder, 7, true)],
      saved: `${folder}/saved.zip`,
    };
    const seen = await runBrowser<ProfileSeen>(SCRIPT, task);
    await listening.drain({ accept: 0 });
    assert.match(seen.facts, /^5 good images of “strip”\. .* which takes 19:/);
    assert.ok(seen.isFixed);
    const { judged } = seen;
    assert.match(judged.effect, /0 of 5 good images \(0 %\) would be called/);
    assert.match(judged.lowest, /5 of 5 good images \(100 %\)/);
    assert.equal(judged.count, "2 of 2 look defective");
    assert.match(judged.verdict, /^Defective · \d+ regions?/);
    assert.ok(judged.outlines > 0);
    const { profile } = await readProfile(task.saved);
    assert.ok("threshold" in profile.target);
    assert.equal(profile.categories["strip"]!.false_alarms.rate, 1);
    const { contrasts } = seen;
    assert.ok(contrasts.every((ratio) => ratio >= 4.5), `${contrasts}`);
    assert.deepEqual(seen.overflows, [0, 0]);
    assert.deepEqual(seen.unnamed, []);
    assert.deepEqual(seen.strange, []);
  },
});
