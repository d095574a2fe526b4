import assert from "node:assert/strict";
import { readImage } from "../../lib/detector/image_source.ts";
import { decodeImage } from "../../lib/image/decode.ts";

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
