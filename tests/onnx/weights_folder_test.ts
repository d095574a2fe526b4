import assert from "node:assert/strict";
import { weightsFolder } from "../../lib/onnx/weights_folder.ts";

async function withFiles(
  paths: readonly string[],
  run: (root: string) => Promise<void>,
): Promise<void> {
  const root = await Deno.realPath(await Deno.makeTempDir());
  try {
    for (const path of paths) {
      await Deno.mkdir(`${root}/${path}`.replace(/\/[^/]*$/, ""), {
        recursive: true,
      });
      await Deno.writeTextFile(`${root}/${path}`, "");
    }
    await run(root);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

Deno.test("weightsFolder() finds the nearest folder above all files", async () => {
  await withFiles(["a/clip/x", "a/y", "ab/c:/z"], async (root) => {
    const near = await weightsFolder([`${root}/a/clip/x`, `${root}/a/y`]);
    assert.equal(near.path, `${root}/a`);
    assert.equal(near.locate(`${root}/a/clip/x`), "clip/x");
    const files = [`${root}/a/y`, `${root}/ab/c:/z`, `${root}/a/y`];
    const far = await weightsFolder(files);
    assert.equal(far.path, root);
    assert.deepEqual(files.map(far.locate), ["a/y", "ab/c:/z", "a/y"]);
    const other = await weightsFolder([files[0]!, "/dev/null"]);
    assert.equal(other.path, "/");
  });
});

Deno.test({
  name: "weightsFolder() follows links, as caches of model hubs have them",
  ignore: Deno.build.os === "windows",
  async fn() {
    await withFiles(["hub/blobs/f00", "hub/snapshot/y"], async (root) => {
      const link = `${root}/hub/snapshot/x`;
      await Deno.symlink("../blobs/f00", link);
      const folder = await weightsFolder([link, `${root}/hub/snapshot/y`]);
      assert.equal(folder.path, `${root}/hub`);
      assert.equal(folder.locate(link), "blobs/f00");
    });
  },
});
