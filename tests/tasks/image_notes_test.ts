import assert from "node:assert/strict";
import sharp from "sharp";
import { readScores } from "../../lib/results/scores_parquet.ts";
import { command } from "../../tasks/eval.ts";
import { type Tree, withFolder } from "../data/trees.ts";
import { readGoldenFile } from "../image/goldens.ts";
import { type Outcome, withConsole } from "./_console.ts";

function evaluate(...args: string[]): Promise<Outcome> {
  return withConsole(() => command.main("eval", ["--threads", "1", ...args]));
}

/** A dark square on grey in 16 bits, of which a sensor fills twelve. */
async function twelveBits(): Promise<Uint8Array> {
  const side = 32;
  const samples = Uint16Array.from(
    { length: side * side },
    (_, i) => i % side > 12 && i % side < 20 ? 400 : 3200,
  );
  const raw = { width: side, height: side, channels: 1 as const };
  return await sharp(samples, { raw }).toColourspace("grey16").png().toBuffer();
}

/** A JPEG whose scan ends in the middle. */
function damagedJpeg(): Uint8Array {
  const bytes = readGoldenFile("444.jpg").slice();
  bytes.set([0xff, 0xd9], Math.floor(bytes.length * 0.8));
  return bytes;
}

async function summaryOf(out: string) {
  return JSON.parse(await Deno.readTextFile(`${out}/summary.json`));
}

Deno.test("eval warns of 16-bit images that a smaller sensor filled", async () => {
  const tree: Tree = { "part/1.png": await twelveBits() };
  await withFolder(tree, async (data) => {
    const out = `${data}/out`;
    const dark = await evaluate("--data", `${data}/part`, "--out", out);
    assert.match(
      dark.stdout + dark.stderr,
      /No sample of the 1 images of 16 bits in \w+ is above 4095.*--bit-depth 12/,
    );
    const [category] = Object.values((await summaryOf(out)).categories);
    assert.deepEqual(
      (category as { image_notes: unknown }).image_notes,
      { sixteen_bits: 1 },
    );
    const flags = ["--data", `${data}/part`, "--out", out];
    const right = await evaluate(...flags, "--bit-depth", "12");
    assert.doesNotMatch(right.stdout + right.stderr, /--bit-depth/);
  });
});

Deno.test("eval tells of damage, further pages and images that EXIF turns", async () => {
  const tree: Tree = {
    "part/damaged.jpg": damagedJpeg(),
    "part/pages.tif": readGoldenFile("pages.tif"),
    "part/turned.png": readGoldenFile("turned_6.png"),
    "part/whole.png": readGoldenFile("rgb.png"),
  };
  await withFolder(tree, async (data) => {
    const out = `${data}/out`;
    const flags = ["--data", `${data}/part`, "--out", out];
    const { stdout, stderr } = await evaluate(...flags);
    const said = stdout + stderr;
    assert.match(said, /Damaged images in \w+, scored .*: 1/);
    assert.match(said, /Images with further pages in \w+, .*: 1/);
    assert.match(said, /Images turned upright as EXIF says in \w+: 1/);
    const parquet = await Deno.readFile(`${out}/scores.parquet`);
    const notes = (await readScores(parquet)).map(({ note }) => note ?? null);
    assert.deepEqual(notes.map((note) => note !== null), [
      true,
      false,
      false,
      false,
    ]);
    const report = await Deno.readTextFile(`${out}/report.html`);
    assert.match(report, /Damaged images in/);
    const stored = await evaluate(...flags, "--ignore-orientation");
    assert.doesNotMatch(stored.stdout + stored.stderr, /turned upright/);
  });
});
