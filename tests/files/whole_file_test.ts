import assert from "node:assert/strict";
import {
  isTemporary,
  makeWhole,
  removeTemporaries,
  writeJson,
  writeWhole,
} from "../../lib/files/whole_file.ts";

async function withFolder(
  body: (path: string) => Promise<void>,
): Promise<void> {
  const path = await Deno.makeTempDir();
  try {
    await body(path);
  } finally {
    await Deno.remove(path, { recursive: true });
  }
}

async function names(path: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(path));
  return entries.map(({ name }) => name).sort();
}

Deno.test("writeWhole() takes text, bytes, a stream or a function", async () => {
  await withFolder(async (path) => {
    const file = `${path}/a`;
    const bytes = new TextEncoder().encode("whole");
    const writes = async (file: Deno.FsFile) => void await file.write(bytes);
    const stream = new Blob(["who", "le"]).stream();
    for (const content of ["whole", bytes, stream, writes]) {
      await Deno.writeTextFile(file, "something that is longer");
      await writeWhole(file, content);
      assert.equal(await Deno.readTextFile(file), "whole");
      assert.deepEqual(await names(path), ["a"]);
    }
  });
});

Deno.test("writeWhole() leaves the old file and nothing else when it fails", async () => {
  await withFolder(async (path) => {
    await writeWhole(`${path}/a`, "old");
    const fails = async (file: Deno.FsFile) => {
      await file.write(new Uint8Array(3));
      throw new Error("no");
    };
    await assert.rejects(writeWhole(`${path}/a`, fails), { message: "no" });
    assert.equal(await Deno.readTextFile(`${path}/a`), "old");
    await Deno.mkdir(`${path}/folder`);
    await assert.rejects(writeWhole(`${path}/folder`, "x"));
    assert.deepEqual(await names(path), ["a", "folder"]);
  });
});

Deno.test("writeWhole() writes one file from many calls at once, whole", async () => {
  await withFolder(async (path) => {
    const texts = Array.from({ length: 20 }, (_, i) => `${i}`.repeat(999));
    await Promise.all(texts.map((text) => writeWhole(`${path}/a`, text)));
    assert(texts.includes(await Deno.readTextFile(`${path}/a`)));
    assert.deepEqual(await names(path), ["a"]);
  });
});

Deno.test("writeWhole() takes the longest name that there can be", async () => {
  await withFolder(async (path) => {
    const name = "n".repeat(255);
    await writeWhole(`${path}/${name}`, "whole");
    assert.deepEqual(await names(path), [name]);
  });
});

Deno.test("writeJson() writes indented lines", async () => {
  await withFolder(async (path) => {
    await writeJson(`${path}/a.json`, { a: [1] });
    const text = await Deno.readTextFile(`${path}/a.json`);
    assert.equal(text, '{\n  "a": [\n    1\n  ]\n}\n');
  });
});

Deno.test("makeWhole() spares a file that is there when it places by links", async () => {
  await withFolder(async (path) => {
    const make = (text: string) => (temporary: string) =>
      Deno.writeTextFile(temporary, text);
    await makeWhole(`${path}/a`, make("first"), Deno.link);
    await assert.rejects(
      makeWhole(`${path}/a`, make("second"), Deno.link),
      Deno.errors.AlreadyExists,
    );
    assert.equal(await Deno.readTextFile(`${path}/a`), "first");
    assert.deepEqual(await names(path), ["a"]);
  });
});

Deno.test("removeTemporaries() removes what a killed process left, and no more", async () => {
  await withFolder(async (path) => {
    let left = "";
    await makeWhole(`${path}/a`, async (temporary) => {
      await Deno.writeTextFile(temporary, "half");
      await Deno.copyFile(temporary, `${path}/b`);
      left = temporary.slice(path.length + 1);
    });
    assert(isTemporary(left));
    await Deno.rename(`${path}/b`, `${path}/${left}`);
    await Deno.writeTextFile(`${path}/.mine.part`, "");
    await removeTemporaries(path);
    assert.deepEqual(await names(path), [".mine.part", "a"]);
  });
});
