import assert from "node:assert/strict";
import { readJsonObject } from "../../lib/checkpoint/json_file.ts";
import { ModelFile } from "../../lib/checkpoint/model_file.ts";
import { openDataSet } from "../../lib/data/open.ts";
import { readImage } from "../../lib/detector/image_source.ts";
import { readPlainFile, readPlainText } from "../../lib/files/plain_file.ts";
import { fingerprint, openFingerprint } from "../../lib/methods/fingerprint.ts";
import { FileStore } from "../../lib/storage/file_store.ts";
import { temporaryFolder } from "../checkpoint/temporary.ts";
import { makePipe } from "./pipe.ts";

const ignore = Deno.build.os !== "linux";

Deno.test("readPlainFile() reads files of a bounded size", async () => {
  await using folder = await temporaryFolder();
  const path = await folder.write("file", "four");
  assert.equal((await readPlainFile(path)).length, 4);
  assert.equal(await readPlainText(path, { maxBytes: 4 }), "four");
  await assert.rejects(readPlainText(path, { maxBytes: 3 }), {
    name: "PlainFileError",
    message:
      `Cannot read ${path} as it must have at most 3 bytes: current value is 4`,
  });
  await assert.rejects(readPlainFile(folder.path), Deno.errors.IsADirectory);
  await assert.rejects(readPlainFile(`${path}s`), Deno.errors.NotFound);
});

Deno.test(
  "what never ends is refused wherever a file is read",
  { ignore },
  async () => {
    await using folder = await temporaryFolder();
    const pipe = `${folder.path}/pipe.csv`;
    makePipe(pipe);
    await Deno.symlink("/dev/zero", `${folder.path}/zero.json`);
    const isPlain = { name: "PlainFileError", message: /it must be a file$/ };
    await assert.rejects(readImage(pipe), isPlain);
    await assert.rejects(openDataSet(pipe, {}), { name: "DataSetError" });
    await assert.rejects(readImage(`${folder.path}/zero.json`), isPlain);
    const isModel = { name: "ModelError", message: /as it must be a file$/ };
    await assert.rejects(readJsonObject(pipe), isModel);
    await assert.rejects(readJsonObject(`${folder.path}/zero.json`), isModel);
    await assert.rejects(ModelFile.open(pipe), isModel);
    await assert.rejects(new FileStore(folder.path).read("pipe.csv"), {
      name: "StorageError",
      failure: "missing",
    });
  },
);

Deno.test("openFingerprint() hashes the files that it has opened", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/a.json`;
  await Deno.writeTextFile(path, "{}");
  const plain = await fingerprint(folder.path);
  const hash = await openFingerprint(folder.path);
  await Deno.writeTextFile(`${folder.path}/b.json`, "[]");
  await Deno.rename(`${folder.path}/b.json`, path);
  assert.equal(await hash(), plain);
  assert.notEqual(await fingerprint(folder.path), plain);
});

Deno.test("fingerprint() follows no link in circles, and names one to nothing", async () => {
  await using folder = await temporaryFolder();
  await folder.write("a.json", "{}");
  const plain = await fingerprint(folder.path);
  await Deno.symlink(folder.path, `${folder.path}/self`);
  assert.equal(await fingerprint(folder.path), plain);
  await Deno.symlink(`${folder.path}/none`, `${folder.path}/b.json`);
  await assert.rejects(fingerprint(folder.path), {
    name: "ModelError",
    message: /b\.json as it is a link to nothing$/,
  });
});
