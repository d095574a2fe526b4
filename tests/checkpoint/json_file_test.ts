import assert from "node:assert/strict";
import { readJsonObject } from "../../lib/checkpoint/json_file.ts";
import { openSafetensors } from "../../lib/checkpoint/safetensors.ts";
import { temporaryFolder } from "./temporary.ts";

Deno.test("readJsonObject() passes over a byte order mark", async () => {
  await using folder = await temporaryFolder();
  const path = await folder.write("a.json", '\ufeff{"a": 1}');
  assert.deepEqual(await readJsonObject(path), { a: 1 });
});

Deno.test("openSafetensors() names a Git LFS pointer", async () => {
  await using folder = await temporaryFolder();
  const pointer = "version https://git-lfs.github.com/spec/v1\nsize 9\n";
  const path = await folder.write("model.safetensors", pointer);
  await assert.rejects(openSafetensors(path), {
    name: "ModelError",
    message: /as it is a Git LFS pointer and not the file itself/,
  });
});

Deno.test("readJsonObject() says what is wrong with a file", async () => {
  await using folder = await temporaryFolder();
  const cases: [string, RegExp][] = [
    ["", /^Cannot load .* as it is not valid JSON: /],
    ['{"a": 1', /^Cannot load .* as it is not valid JSON: /],
    ["[1]", /^Cannot load .* as it must hold a JSON object$/],
    ["null", /^Cannot load .* as it must hold a JSON object$/],
  ];
  for (const [content, message] of cases) {
    const path = await folder.write("a.json", content);
    await assert.rejects(readJsonObject(path), { name: "ModelError", message });
  }
  await assert.rejects(readJsonObject(`${folder.path}/b.json`), {
    name: "ModelError",
    message: `Cannot load ${folder.path}/b.json as there is no such file`,
  });
  await assert.rejects(readJsonObject(folder.path), {
    name: "ModelError",
    message: /^Cannot load .* as it cannot be read: /,
  });
});
