import assert from "node:assert/strict";
import sharp from "sharp";
import { command as trainCommand } from "../../../tasks/train.ts";
import { packZip, type Tree, withFolder } from "../../data/trees.ts";
import { withConsole } from "../_console.ts";
import {
  assertReference,
  evaluateTree,
  greyOf,
  greyPng,
  metricsOf,
  mvtec,
  NUTS,
  scoreTree,
} from "./_nuts.ts";

/** A JPEG stored upside down, as EXIF says. */
function turned(png: Uint8Array): Promise<Uint8Array> {
  return sharp(png).rotate(180).withMetadata({ orientation: 3 })
    .jpeg({ quality: 95 }).toBuffer();
}

/** The nuts as such JPEG files, with masks as viewers show them. */
async function turnedNuts(): Promise<Tree> {
  const entries = await Promise.all([0, 1, 2].map(async (i) =>
    [
      [`nut/test/good/00${i}.jpg`, await turned(NUTS.good[i]!)],
      [`nut/test/defect/00${i}.jpg`, await turned(NUTS.bad[i]!)],
      [`nut/ground_truth/defect/00${i}_mask.png`, NUTS.masks[i]!],
    ] as const
  ));
  return Object.fromEntries(entries.flat());
}

Deno.test("eval scores the case exif upright, and as stored on demand", async () => {
  const tree = await turnedNuts();
  const upright = await evaluateTree(tree);
  assert.equal(metricsOf(upright).i_auroc, 1000);
  assertReference(upright, 20);
  assert.match(upright.said, /Images turned upright as EXIF says in nut: 6/);
  assert.match(upright.said, /EXIF turns, taken as drawn on the upright .*: 3/);
  const flags = ["--ignore-orientation"];
  const stored = metricsOf(await evaluateTree(tree, { flags }));
  assert.ok(stored.p_auroc! < 700, `${stored.p_auroc}`);
});

Deno.test("score turns the images of the case exif as eval does", async () => {
  const tree = await turnedNuts();
  for (const flags of [[], ["--ignore-orientation"]]) {
    const [scored, evaluated] = [
      await scoreTree(tree, { flags }),
      await evaluateTree(tree, { flags }),
    ];
    assert.deepEqual(scored.summary.categories, evaluated.summary.categories);
  }
});

/** The same values in 12 of 16 bits. */
async function twelveBits(png: Uint8Array): Promise<Uint8Array> {
  const { width, height, data } = await greyOf(png);
  const samples = Uint16Array.from(
    data,
    (value) => Math.round(value * 4095 / 255),
  );
  const raw = { width, height, channels: 1 as const };
  return await sharp(samples, { raw }).toColourspace("grey16").png()
    .toBuffer();
}

/** The same values in 8 bits. */
async function greyPngOf(png: Uint8Array): Promise<Uint8Array> {
  return await greyPng(await greyOf(png));
}

/** The nuts with every image changed, and masks as they are. */
async function imagesWith(
  change: (png: Uint8Array) => Promise<Uint8Array>,
): Promise<Tree> {
  const entries = await Promise.all(
    Object.entries(mvtec()).map(async ([path, bytes]) =>
      [path, path.includes("/test/") ? await change(bytes) : bytes] as const
    ),
  );
  return Object.fromEntries(entries);
}

Deno.test("eval warns of the case twelve-bit and names --bit-depth 12", async () => {
  const tree = await imagesWith(twelveBits);
  const dark = await evaluateTree(tree);
  assert.match(dark.said, /16 bits in nut is above 4095.*--bit-depth 12/);
  const flags = ["--bit-depth", "12"];
  const right = await evaluateTree(tree, { flags });
  assert.doesNotMatch(right.said, /--bit-depth/);
  const grey = await evaluateTree(await imagesWith(greyPngOf));
  assert.deepEqual(metricsOf(right), metricsOf(grey));
});

async function toPgm(png: Uint8Array): Promise<Uint8Array> {
  const { width, height, data } = await greyOf(png);
  const head = new TextEncoder().encode(`P5\n${width} ${height}\n255\n`);
  return new Uint8Array([...head, ...data]);
}

Deno.test("eval scores the PGM file of the case pgm-mixed", async () => {
  const tree = mvtec();
  tree["nut/test/good/003.pgm"] = await toPgm(NUTS.good[0]!);
  const { summary, code } = await evaluateTree(tree);
  assert.equal(code, 0);
  const { images, errors, good } = summary.categories.nut!;
  assert.deepEqual([images, errors, good], [7, 0, 4]);
});

/** A list with `;`, labels such as 1.0, and a column that means nothing. */
function listedNuts(): Tree {
  const lines = ["image;label;operator;mask"];
  const tree: Tree = {};
  for (const [i, image] of [...NUTS.good, ...NUTS.bad].entries()) {
    tree[`images/${i}.png`] = image;
    const isBad = i >= 3;
    if (isBad) tree[`masks/${i}.png`] = NUTS.masks[i - 3]!;
    const mask = isBad ? `masks/${i}.png` : "";
    lines.push(`images/${i}.png;${isBad ? "1.0" : "0.0"};x;${mask}`);
  }
  tree["list.csv"] = new TextEncoder().encode(`${lines.join("\n")}\n`);
  return tree;
}

Deno.test("eval reads the case list-with-extras as the reference", async () => {
  const options = { file: "list.csv", flags: ["--object", "nut"] };
  assertReference(await evaluateTree(listedNuts(), options));
});

Deno.test("score reads the case list-with-extras as the reference", async () => {
  const options = { file: "list.csv", flags: ["--object", "nut"] };
  assertReference(await scoreTree(listedNuts(), options));
});

Deno.test("train reads the case list-with-extras", async () => {
  await withFolder(listedNuts(), async (folder) => {
    const { code, stdout, stderr } = await withConsole(() =>
      trainCommand.main("train", [
        ...["--threads", "1", "--data", `${folder}/list.csv`],
        ...["--max-steps", "1", "--out", `${folder}/out`],
      ])
    );
    assert.equal(code, 0, stderr);
    assert.match(`${stderr}\n${stdout}`, /3 good, 3 defective/);
  });
});

Deno.test("eval reads the names of the case zip-macos-names as UTF-8", async () => {
  const entries = NUTS.good.map((data, i) => {
    const name = `Schraube grö/${i}.png`;
    return { name, rawName: new TextEncoder().encode(name), data };
  });
  const file = "photos.zip";
  const tree = { [file]: packZip(entries) };
  const { summary } = await evaluateTree(tree, { file });
  assert.deepEqual(Object.keys(summary.categories), ["Schraube grö"]);
});
