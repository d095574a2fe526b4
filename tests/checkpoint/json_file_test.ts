import assert from "node:assert/strict";
import { readJsonObject } from "../../lib/checkpoint/json_file.ts";
import { temporaryFolder } from "./temporary.ts";

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
