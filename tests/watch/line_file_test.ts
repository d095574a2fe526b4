import assert from "node:assert/strict";
import { LineFile } from "../../lib/watch/line_file.ts";

async function withPath(body: (path: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await body(`${folder}/lines`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("LineFile.open() removes a last line that is not whole", async () => {
  await withPath(async (path) => {
    await Deno.writeTextFile(path, `one\n${"x".repeat(200_000)}`);
    {
      using file = await LineFile.open(path);
      assert.deepEqual(await Array.fromAsync(file.lines()), ["one"]);
      await file.append(["two", "drei äöü"]);
      await file.append([]);
    }
    assert.equal(await Deno.readTextFile(path), "one\ntwo\ndrei äöü\n");
    await Deno.writeTextFile(path, "torn");
    using file = await LineFile.open(path);
    assert.deepEqual(await Array.fromAsync(file.lines()), []);
  });
});
