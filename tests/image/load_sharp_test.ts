import assert from "node:assert/strict";
import { loadSharp } from "../../lib/image/load_sharp.ts";

Deno.test("loadSharp() blocks the loaders of formats that are not read", async () => {
  const sharp = await loadSharp();
  assert.equal(await loadSharp(), sharp);
  const svg = new TextEncoder().encode(
    '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"/>',
  );
  await assert.rejects(sharp(svg).metadata(), /unsupported image format/);
});
