import assert from "node:assert/strict";
import { joinRanges } from "../../../lib/data/archives/joined_reads.ts";
import { openZip } from "../../../lib/data/archives/zip.ts";
import type {
  ByteRange,
  StoredBytes,
} from "../../../lib/files/stored_bytes.ts";
import { ahead } from "../../../lib/async/ahead.ts";
import { packZip } from "../trees.ts";

const FILES = 300;

/** An archive, and the parts of it that were asked for. */
function watched(data: Uint8Array): StoredBytes & { asked: ByteRange[] } {
  const asked: ByteRange[] = [];
  const size = data.length;
  return {
    asked,
    location: "set.zip",
    size,
    open(range = { start: 0, end: size }) {
      asked.push(range);
      return ReadableStream.from([data.slice(range.start, range.end)]);
    },
  };
}

/** Files that no compression makes smaller. */
function noisyFiles(bytes: number): [string, Uint8Array][] {
  return Array.from({ length: FILES }, (_, i) => {
    const data = new Uint8Array(bytes + i);
    for (let start = 0; start < data.length; start += 65_536) {
      crypto.getRandomValues(data.subarray(start, start + 65_536));
    }
    return [`cam-${i % 3}/${String(i).padStart(3, "0")}.png`, data];
  });
}

function packed(files: readonly (readonly [string, Uint8Array])[]) {
  return watched(packZip(files.map(([name, data]) => ({ name, data }))));
}

Deno.test("openZip() reads many small files by few requests", async () => {
  const files = noisyFiles(2000);
  const bytes = packed(files);
  const source = await openZip(bytes);
  bytes.asked.length = 0;
  const wanted = new Map(files.toSorted());
  const read = ahead(
    source.each(new Set(wanted.keys())),
    async ({ path, read }) => [path, await read()] as const,
    8,
  );
  let count = 0;
  for await (const [path, data] of read) {
    assert.deepEqual(new Uint8Array(data), wanted.get(path));
    count++;
  }
  assert.equal(count, FILES);
  assert.ok(bytes.asked.length <= 3, `${bytes.asked.length} requests`);
});

Deno.test("openZip() reads no more than the files that are asked for", async () => {
  const files = noisyFiles(200_000);
  const bytes = packed(files);
  const source = await openZip(bytes);
  bytes.asked.length = 0;
  const some = files.filter((_, i) => i % 50 === 7).map(([name]) => name);
  for await (const { read } of source.each(new Set(some))) await read();
  const total = bytes.asked.reduce(
    (sum, { start, end }) => sum + end - start,
    0,
  );
  assert.ok(total < 2 * some.length * 200_000, `${total} bytes`);
  // Nothing is read of a file whose content nobody asks for.
  bytes.asked.length = 0;
  for await (const _ of source.each(new Set(files.map(([name]) => name))));
  assert.deepEqual(bytes.asked, []);
});

Deno.test("openZip() asks again for a part that failed", async () => {
  const files = noisyFiles(1000);
  const bytes = packed(files);
  let fails = false;
  const open = bytes.open.bind(bytes);
  const source = await openZip({
    ...bytes,
    open(range) {
      if (!fails) return open(range);
      fails = false;
      return ReadableStream.from((async function* () {
        yield new Uint8Array();
        throw new Error("no answer");
      })());
    },
  });
  fails = true;
  const [first, second] = files as [[string, Uint8Array], [string, Uint8Array]];
  const paths = new Set(files.map(([name]) => name));
  for await (const { path, read } of source.each(paths)) {
    if (path === first[0]) await assert.rejects(read(), /no answer/);
    else if (path === second[0]) {
      assert.deepEqual(new Uint8Array(await read()), second[1]);
    } else break;
  }
});

Deno.test("joinRanges() joins what lies close together", () => {
  const range = (start: number, end: number) => ({ start, end });
  assert.deepEqual(joinRanges([]), []);
  assert.deepEqual(joinRanges([range(0, 10)]), []);
  assert.deepEqual(joinRanges([range(20, 30), range(0, 10)]), [range(0, 30)]);
  assert.deepEqual(joinRanges([range(0, 10), range(1e6, 2e6)]), []);
  const large = 1 << 22;
  assert.deepEqual(
    joinRanges([
      range(0, large),
      range(large, 2 * large),
      range(2 * large, 9e6),
    ]),
    [range(0, 2 * large)],
  );
});
