import assert from "node:assert/strict";
import {
  isThere,
  readTextIfThere,
  removeIfThere,
} from "../../lib/files/is_there.ts";

Deno.test("isThere(), readTextIfThere() and removeIfThere() take what may be missing", async () => {
  const folder = await Deno.makeTempDir();
  const file = `${folder}/a`;
  await Deno.writeTextFile(file, "text");
  assert(await isThere(file));
  assert.equal(await readTextIfThere(file), "text");
  for (const missing of [`${folder}/b`, `${file}/below`]) {
    assert(!await isThere(missing));
    assert.equal(await readTextIfThere(missing), undefined);
    await removeIfThere(missing);
  }
  await removeIfThere(folder);
  assert(!await isThere(folder));
});

Deno.test("isThere() and its kin throw what says anything else", async () => {
  const path = `/tmp/${"n".repeat(300)}`;
  await assert.rejects(isThere(path));
  await assert.rejects(readTextIfThere(path));
  await assert.rejects(removeIfThere(path));
  await assert.rejects(readTextIfThere("/tmp"));
});
