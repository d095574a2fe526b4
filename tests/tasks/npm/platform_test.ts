import assert from "node:assert/strict";
import { join } from "node:path";
import { tryLock } from "../../../lib/files/lock.ts";
import { Deno as layer } from "../../../tasks/npm/platform/deno.ts";
import { temporaryFolder } from "../../checkpoint/temporary.ts";

const NAMESPACES = { Deno: globalThis.Deno, layer };

/** Either of the two: what holds for Deno must hold for the layer. */
type Namespace = typeof layer;

function eachNamespace(
  name: string,
  test: (namespace: Namespace, folder: string) => Promise<void>,
): void {
  for (const [label, namespace] of Object.entries(NAMESPACES)) {
    Deno.test(`${label} ${name}`, async () => {
      await using folder = await temporaryFolder();
      await test(namespace as unknown as Namespace, folder.path);
    });
  }
}

async function errorOf(work: Promise<unknown>): Promise<Error> {
  try {
    await work;
  } catch (error) {
    assert(error instanceof Error);
    return error;
  }
  assert.fail("nothing was thrown");
}

eachNamespace("names errors of the operating system", async (space, folder) => {
  const file = join(folder, "file");
  const loop = join(folder, "loop");
  await Deno.writeTextFile(file, "abc");
  await Deno.symlink(loop, loop);
  const { errors } = space;
  const cases = [
    [() => space.stat(`${file}s`), errors.NotFound, "ENOENT"],
    [() => space.stat(join(file, "below")), errors.NotADirectory, "ENOTDIR"],
    [() => space.stat(loop), errors.FilesystemLoop, "ELOOP"],
    [() => space.mkdir(folder), errors.AlreadyExists, "EEXIST"],
    [() => space.readFile(folder), errors.IsADirectory, "EISDIR"],
    [() => space.remove(`${file}s`), errors.NotFound, "ENOENT"],
    [
      () => space.open(file, { write: true, createNew: true }),
      errors.AlreadyExists,
      "EEXIST",
    ],
  ] as const;
  for (const [work, Class, code] of cases) {
    const error = await errorOf(work());
    assert(error instanceof Class, code);
    assert.equal(error.name, Class.name);
    assert.equal((error as { code?: string }).code, code);
  }
});

Deno.test("layer says that it cannot lock files, and tryLock() goes on", async () => {
  await using folder = await temporaryFolder();
  const options = { write: true, create: true };
  using file = await layer.open(join(folder.path, "file"), options);
  await assert.rejects(file.tryLock(), layer.errors.NotSupported);
  assert.equal(await tryLock(file), true);
});

eachNamespace("keeps errors that have no class", async (space, folder) => {
  const long = join(folder, "x".repeat(300));
  const error = await errorOf(space.open(long, { write: true, create: true }));
  assert.equal((error as { code?: string }).code, "ENAMETOOLONG");
});

eachNamespace("lists and describes files", async (space, folder) => {
  await space.mkdir(join(folder, "a/b"), { recursive: true });
  await space.mkdir(join(folder, "a/b"), { recursive: true });
  await Deno.writeTextFile(join(folder, "file"), "abc");
  await Deno.symlink("file", join(folder, "link"));
  const entries = await Array.fromAsync(space.readDir(folder));
  entries.sort((a, b) => a.name < b.name ? -1 : 1);
  assert.deepEqual(
    entries.map(({ name, isFile, isDirectory, isSymlink }) =>
      [name, isFile, isDirectory, isSymlink].join()
    ),
    ["a,false,true,false", "file,true,false,false", "link,false,false,true"],
  );
  const { isFile, size } = await space.stat(join(folder, "link"));
  assert.deepEqual([isFile, size], [true, 3]);
  assert.equal(
    await space.realPath(join(folder, "link")),
    join(await Deno.realPath(folder), "file"),
  );
});

eachNamespace("moves and removes files", async (space, folder) => {
  const [one, two, three] = ["one", "two", "three"].map((name) =>
    join(folder, name)
  ) as [string, string, string];
  await Deno.writeTextFile(one, "1");
  await space.link(one, two);
  await assert.rejects(space.link(one, two), space.errors.AlreadyExists);
  await space.rename(two, three);
  await space.copyFile(three, two);
  await space.utime(two, 1000, 2000);
  assert.equal((await space.stat(two)).mtime?.getTime(), 2000 * 1000);
  assert.equal(await space.readTextFile(two), "1");
  await space.remove(one);
  await assert.rejects(space.remove(folder));
  await space.remove(folder, { recursive: true });
  await assert.rejects(space.stat(folder), space.errors.NotFound);
  await Deno.mkdir(folder);
});

eachNamespace("reads files into memory of their own", async (space, folder) => {
  const path = join(folder, "file");
  await Deno.writeTextFile(path, "abc");
  const bytes = await space.readFile(path);
  assert.deepEqual(bytes, Uint8Array.of(97, 98, 99));
  assert.equal(bytes.buffer.byteLength, 3);
  const signal = AbortSignal.abort(new Error("stopped"));
  await assert.rejects(space.readFile(path, { signal }));
});

eachNamespace("opens files with a position", async (space, folder) => {
  const path = join(folder, "file");
  const options = { read: true, write: true, create: true };
  const buffer = new Uint8Array(4);
  using file = await space.open(path, options);
  assert.equal(await file.write(Uint8Array.of(1, 2, 3, 4, 5)), 5);
  const { Start, Current, End } = space.SeekMode;
  assert.equal(await file.seek(1, Start), 1);
  assert.equal(await file.read(buffer), 4);
  assert.deepEqual([...buffer], [2, 3, 4, 5]);
  assert.equal(await file.read(buffer), null);
  assert.equal(await file.seek(-2, End), 3);
  assert.equal(await file.seek(-1, Current), 2);
  await file.truncate(4);
  await file.sync();
  await file.syncData();
  assert.equal((await file.stat()).size, 4);
  assert.equal(await file.read(buffer), 2);
});

eachNamespace("appends to files", async (space, folder) => {
  const path = join(folder, "file");
  await Deno.writeTextFile(path, "ab");
  using file = await space.open(path, { append: true });
  await file.write(new TextEncoder().encode("c"));
  await file.write(new TextEncoder().encode("d"));
  assert.equal(await Deno.readTextFile(path), "abcd");
});

eachNamespace("streams files", async (space, folder) => {
  const path = join(folder, "file");
  const bytes = crypto.getRandomValues(new Uint8Array(60_000));
  await Deno.writeFile(path, Uint8Array.from([...bytes, ...bytes, ...bytes]));
  const { readable } = await space.open(path);
  const found = new Uint8Array(await new Response(readable).arrayBuffer());
  assert.equal(found.length, 180_000);
  assert.deepEqual(found.subarray(120_000), bytes);
  const { readable: stopped } = await space.open(path);
  for await (const _ of stopped) break;
});
