import assert from "node:assert/strict";
import { decodeLaid, readImage } from "../../lib/detector/image_source.ts";
import { decodeImage } from "../../lib/image/decode.ts";
import { encodePng } from "../../lib/image/encode.ts";
import type { RgbImage } from "../../lib/image/image.ts";
import { resizeBicubic } from "../../lib/image/resample.ts";

const FILE = await Deno.readFile(
  new URL("../golden/mfp_clip/images/coffee.jpg", import.meta.url),
);

/** A server that answers one path with an image, and never ends another. */
async function withServer(
  run: (address: string) => Promise<void>,
): Promise<void> {
  const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
  await using server = Deno.serve(options, ({ url }) => {
    const { pathname } = new URL(url);
    if (pathname === "/image") return new Response(FILE);
    if (pathname === "/stalled") return new Response(new ReadableStream());
    return new Response("no such image", { status: 404 });
  });
  await run(`http://127.0.0.1:${server.addr.port}`);
}

Deno.test("readImage() fetches images over HTTP", async () => {
  await withServer(async (address) => {
    const expected = await decodeImage(FILE);
    const url = `${address}/image`;
    assert.deepEqual(await readImage(url), expected);
    assert.deepEqual(await readImage(new URL(url)), expected);
  });
});

Deno.test("readImage() says why an image cannot be fetched", async () => {
  let url = "";
  await withServer(async (address) => {
    url = `${address}/none`;
    await assert.rejects(readImage(url), {
      name: "ImageFetchError",
      message: `Cannot fetch ${url} as the server must answer 200: current ` +
        "value is 404 Not Found",
    });
  });
  await assert.rejects(readImage(url), (error: Error) => {
    assert.equal(error.name, "ImageFetchError");
    assert.ok(error.message.startsWith(`Cannot fetch ${url} as `));
    return true;
  });
});

Deno.test("readImage() stops fetching when its signal is aborted", async () => {
  await withServer(async (address) => {
    const stop = new AbortController();
    const pending = readImage(`${address}/stalled`, { signal: stop.signal });
    stop.abort(new Error("enough"));
    await assert.rejects(pending, { message: "enough" });
  });
});

Deno.test("decodeLaid() leaves files to the detector unless they are small", async () => {
  const asked: number[] = [];
  const options = { category: "cup" };
  const layer = {
    prepare: (image: RgbImage, category: string) => ({
      pixels: resizeBicubic(image, 8, 8).data,
      category,
    }),
    decode: (bytes: Uint8Array) => {
      asked.push(bytes.length);
      const pixels = new Uint8Array(8 * 8 * 3);
      const size = { width: 600, height: 600 };
      return Promise.resolve({
        ...size,
        ...options,
        pixels,
        orientation: 1,
        furtherPages: 0,
      });
    },
  };
  const flat = async (side: number) =>
    await encodePng({
      width: side,
      height: side,
      data: new Uint8Array(side * side * 3).fill(9),
    });
  const small = await decodeLaid(layer, await flat(512), options);
  assert.deepEqual(small.pixels, new Uint8Array(8 * 8 * 3).fill(9));
  assert.deepEqual(asked, []);
  const large = await flat(513);
  await decodeLaid(layer, large, options);
  assert.deepEqual(asked, [large.length]);
});
