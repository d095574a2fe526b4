import assert from "node:assert/strict";
import sharp from "sharp";
import { readTree } from "../read_tree.ts";
import { jpeg, png, type Tree } from "../trees.ts";

const [WIDTH, HEIGHT] = [12, 8];

/** A mask of one colour, opaque in its first `lit` pixels. */
async function opacityMask(colour: number, lit: number): Promise<Uint8Array> {
  const data = new Uint8Array(WIDTH * HEIGHT * 4).map((_, i) =>
    i % 4 < 3 ? colour : (i >> 2) < lit ? 255 : 0
  );
  const raw = { width: WIDTH, height: HEIGHT, channels: 4 as const };
  return await sharp(data, { raw }).png().toBuffer();
}

async function maskOf(mask: Uint8Array, image?: Uint8Array) {
  const tree: Tree = {
    "nut/test/good/1.png": await png(1),
    "nut/test/bad/2.jpg": image ?? await jpeg(2),
    "nut/ground_truth/bad/2.png": mask,
  };
  return (await readTree(tree)).rows[0]?.[4];
}

Deno.test("openDataSet() reads masks in the channel of opacity, and notes it", async () => {
  for (const colour of [0, 255]) {
    assert.equal(await maskOf(await opacityMask(colour, 5)), "5 alpha");
  }
});

Deno.test("openDataSet() takes an opaque mask of one colour for what it is", async () => {
  assert.equal(await maskOf(await opacityMask(0, 96)), "empty");
  assert.equal(await maskOf(await opacityMask(255, 96)), "96 large");
});

Deno.test("openDataSet() notes masks that fit an image as stored and as turned", async () => {
  const data = new Uint8Array(WIDTH * HEIGHT).fill(255, 0, 7);
  const raw = { width: WIDTH, height: HEIGHT, channels: 1 as const };
  const mask = new Uint8Array(await sharp(data, { raw }).png().toBuffer());
  const upsideDown = await sharp(await jpeg(3))
    .withMetadata({ orientation: 3 }).jpeg().toBuffer();
  assert.equal(await maskOf(mask, upsideDown), "7 turned_image");
  const lying = await sharp(await jpeg(3))
    .withMetadata({ orientation: 6 }).jpeg().toBuffer();
  assert.equal(await maskOf(mask, lying), "7");
});

Deno.test("openDataSet() turns shapes whose file has the size as stored", async () => {
  const lying = await sharp(await jpeg(3))
    .withMetadata({ orientation: 6 }).jpeg().toBuffer();
  const litOf = async (imageWidth: number, imageHeight: number) => {
    const points = [[8, 0], [12, 8]];
    const shapes = [{ label: "x", shape_type: "rectangle", points }];
    const json = JSON.stringify({ imageWidth, imageHeight, shapes });
    const tree: Tree = {
      "nut/test/bad/2.jpg": lying,
      "nut/test/bad/2.json": new TextEncoder().encode(json),
    };
    return (await readTree(tree)).rows[0]?.[4];
  };
  assert.equal(await litOf(12, 8), "32 turned_image");
  assert.equal(await litOf(12, 12), "other_size");
});
