import assert from "node:assert/strict";
import { unpack } from "../../lib/hub/unpack.ts";
import { temporaryFolder } from "../checkpoint/temporary.ts";
import { packTar } from "../data/trees.ts";

Deno.test("unpack() refuses files that are far larger than their archive", async () => {
  await using folder = await temporaryFolder();
  const zeros = new Uint8Array(40 << 20);
  const tar = await packTar(
    Array.from({ length: 8 }, (_, i) => ({ name: `${i}.png`, data: zeros })),
  );
  const gzip = new Blob([new Uint8Array(tar)]).stream()
    .pipeThrough(new CompressionStream("gzip"));
  const archive = await folder.write(
    "bomb.tar.gz",
    await new Response(gzip).bytes(),
  );
  await Deno.mkdir(`${folder.path}/out`);
  await assert.rejects(unpack(archive, `${folder.path}/out`), {
    name: "DataSetError",
    message: /as its files must have at most \d+ bytes together/,
  });
});
