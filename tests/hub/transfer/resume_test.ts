import assert from "node:assert/strict";
import { transfer } from "../../../lib/hub/transfer/transfer.ts";
import { namesIn, quick, sha256, withTemporary } from "../_downloads.ts";
import { type Asked, bytes, type Reply, sendFile, serve } from "../_server.ts";

const DATA = bytes(10_500);
const EXPECTED = { size: DATA.length, sha256: sha256(DATA) };

function rangesOf(asked: readonly Asked[]): (string | null)[] {
  return asked.map(({ headers }) => headers.get("range"));
}

interface Interrupted {
  readonly target: string;
  readonly address: string;
  /** The requests of the second run. */
  readonly asked: () => readonly Asked[];
}

/** Stops a download after 4 of its 11 parts, then runs the body. */
async function interrupted(
  answer: (asked: Asked, run: 1 | 2) => Reply,
  body: (left: Interrupted) => Promise<void>,
  expected: { size?: number; sha256?: string } = EXPECTED,
): Promise<void> {
  let run: 1 | 2 = 1;
  await using server = serve((asked) => answer(asked, run));
  await withTemporary(async (folder) => {
    const stop = new AbortController();
    const target = `${folder}/file.bin`;
    const address = `${server.origin}/file.bin`;
    const first = transfer(address, target, {
      ...quick(),
      expected,
      connections: 1,
      signal: stop.signal,
      onProgress: ({ received }) => {
        if (received >= 4000) stop.abort(new Error("stopped"));
      },
    });
    await assert.rejects(first, { message: "stopped" });
    const names = await namesIn(folder);
    assert.deepEqual(names, ["file.bin.part", "file.bin.part.json"]);
    run = 2;
    const before = server.asked.length;
    await body({ target, address, asked: () => server.asked.slice(before) });
  });
}

/** Runs the download again; the file must arrive whole and alone. */
async function goesOn(
  { target, address }: Interrupted,
  expected: { size?: number; sha256?: string } = EXPECTED,
): Promise<void> {
  await transfer(address, target, { ...quick(), expected });
  assert.deepEqual(await Deno.readFile(target), DATA);
  const folder = target.replace(/\/[^/]*$/, "");
  assert.deepEqual(await namesIn(folder), ["file.bin"]);
}

Deno.test("transfer() goes on where an earlier run was stopped", async () => {
  await interrupted((asked) => sendFile(asked, DATA), async (left) => {
    await goesOn(left);
    const ranges = rangesOf(left.asked());
    assert.ok(ranges.length <= 7, `${ranges}`);
    assert.ok(!ranges.includes("bytes=0-999"));
    for (const { headers } of left.asked()) {
      assert.equal(headers.get("if-range"), '"v1"');
    }
  });
});

Deno.test("transfer() goes on by the date where tags are missing or weak", async () => {
  const modified = "Tue, 01 Sep 2026 10:00:00 GMT";
  const marks = { etag: 'W/"v1"', "last-modified": modified };
  await interrupted((asked) => sendFile(asked, DATA, marks), async (left) => {
    await goesOn(left, {});
    assert.equal(left.asked()[0]!.headers.get("if-range"), modified);
  }, {});
});

Deno.test("transfer() goes on at another address by the hash", async () => {
  await interrupted((asked) => sendFile(asked, DATA), async (left) => {
    const address = left.address.replace("file.bin", "mirror.bin");
    await goesOn({ ...left, address });
    assert.ok(left.asked().length <= 7);
  });
});

Deno.test("transfer() does not go on at another address without a hash", async () => {
  await interrupted((asked) => sendFile(asked, DATA), async (left) => {
    const address = left.address.replace("file.bin", "other.bin");
    await goesOn({ ...left, address }, {});
    assert.equal(left.asked().length, 11);
  }, {});
});

Deno.test("transfer() starts again when the file has changed", async () => {
  const old = bytes(10_500, 5);
  await interrupted(
    (asked, run) =>
      run === 1
        ? sendFile(asked, old, { etag: '"old"' })
        : sendFile(asked, DATA, { etag: '"new"' }),
    (left) => goesOn(left, {}),
    {},
  );
});

Deno.test("transfer() starts again when the file has become shorter", async () => {
  const long = bytes(99_000, 5);
  await interrupted(
    (asked, run) => sendFile(asked, run === 1 ? long : DATA, {}),
    (left) => goesOn(left, { sha256: EXPECTED.sha256 }),
    { sha256: EXPECTED.sha256 },
  );
});

Deno.test("transfer() hashes what an earlier run left", async () => {
  await interrupted((asked) => sendFile(asked, DATA), async (left) => {
    const part = `${left.target}.part`;
    const data = await Deno.readFile(part);
    data[123]! ^= 1;
    await Deno.writeFile(part, data);
    await goesOn(left);
    assert.ok(left.asked().length > 11, "the damaged bytes are asked again");
  });
});

Deno.test("transfer() starts again where the record of an earlier run is of no use", async () => {
  const damages: ((target: string) => Promise<void>)[] = [
    (target) => Deno.writeTextFile(`${target}.part.json`, "{"),
    (target) => Deno.writeTextFile(`${target}.part.json`, "null"),
    (target) => Deno.remove(`${target}.part.json`),
    (target) => Deno.remove(`${target}.part`),
    (target) => Deno.truncate(`${target}.part`, 100),
  ];
  for (const damage of damages) {
    await interrupted((asked) => sendFile(asked, DATA), async (left) => {
      await damage(left.target);
      await goesOn(left);
      assert.equal(left.asked().length, 11);
    });
  }
});

Deno.test("transfer() finishes what an earlier run had received whole", async () => {
  await interrupted((asked) => sendFile(asked, DATA), async (left) => {
    const part = `${left.target}.part`;
    const record = JSON.parse(await Deno.readTextFile(`${part}.json`));
    record.done = [{ start: 0, end: DATA.length }];
    await Deno.writeFile(part, DATA);
    await Deno.writeTextFile(`${part}.json`, JSON.stringify(record));
    await goesOn(left);
    assert.equal(left.asked().length, 0);
  });
});

const CONFIG = new URL("../../../deno.json", import.meta.url).pathname;

const KILLED = `
import { transfer } from "${
  import.meta.resolve("../../../lib/hub/transfer/transfer.ts")
}";
const [address, target, sha256] = Deno.args;
await transfer(address, target, {
  expected: { sha256 },
  segmentBytes: 10_000,
  onProgress: ({ received }) => {
    if (received >= 50_000) console.log("enough");
  },
});
`;

Deno.test("transfer() goes on after the process was killed", async () => {
  const data = bytes(100_000);
  const expected = { sha256: sha256(data) };
  let isKilled = false;
  await using server = serve((asked) => ({
    ...sendFile(asked, data),
    ...!isKilled && asked.index > 6 && { stallAfter: 100 },
  }));
  await withTemporary(async (folder) => {
    const script = `${folder}/download.ts`;
    const target = `${folder}/file.bin`;
    const address = `${server.origin}/file.bin`;
    await Deno.writeTextFile(script, KILLED);
    const child = new Deno.Command("deno", {
      args: ["run", "--allow-all", "--config", CONFIG, script].concat([
        address,
        target,
        expected.sha256,
      ]),
      stdout: "piped",
      stderr: "null",
      stdin: "null",
    }).spawn();
    const reader = child.stdout.getReader();
    await reader.read();
    child.kill("SIGKILL");
    await reader.cancel();
    assert.equal((await child.status).signal, "SIGKILL");
    isKilled = true;
    const before = server.asked.length;
    await transfer(address, target, {
      ...quick(),
      segmentBytes: 10_000,
      expected,
    });
    assert.deepEqual(await Deno.readFile(target), data);
    const asked = server.asked.slice(before);
    assert.ok(asked.length < 10, `${rangesOf(asked)}`);
  });
});
