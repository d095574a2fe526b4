import assert from "node:assert/strict";
import { FolderInUseError } from "../../lib/files/held_folder.ts";
import type { Criterion } from "../../lib/results/verdict.ts";
import { FileStore } from "../../lib/storage/file_store.ts";
import {
  type ObjectStore,
  type ReadOptions,
  StorageError,
  tooLarge,
} from "../../lib/storage/object_store.ts";
import type { Decision } from "../../lib/watch/decision.ts";
import {
  watchFolder,
  type WatchOptions,
} from "../../lib/watch/watch_folder.ts";
import { WATCH_FILES, WatchRecord } from "../../lib/watch/watch_record.ts";
import { MemoryStore } from "../batch/_memory_store.ts";
import { FakeDetector, png } from "../server/_server.ts";

const CRITERION: Criterion = {
  threshold: 0,
  pixelThreshold: 0,
  heatRange: null,
  good: null,
};

/** Time that passes when somebody waits, and steps that happen at each wait. */
function steps(actions: readonly (() => unknown)[]) {
  const stop = new AbortController();
  let [now, step] = [0, 0];
  const clock = {
    now: () => now,
    random: () => 1,
    async sleep(milliseconds: number) {
      now += milliseconds;
      const action = actions[step++];
      if (action === undefined) return stop.abort();
      await action();
    },
  };
  return { clock, signal: stop.signal };
}

async function watched(
  store: ObjectStore,
  actions: readonly (() => unknown)[],
  options: Partial<WatchOptions> = {},
): Promise<{ decisions: Decision[]; troubles: string[] }> {
  const decisions: Decision[] = [];
  const troubles: string[] = [];
  await watchFolder({
    store,
    detector: new FakeDetector(),
    criteria: (category) => category === "odd" ? undefined : CRITERION,
    object: "part",
    bitDepth: 16,
    decided: ReadableStream.from([]),
    keep: (made) => Promise.resolve(void decisions.push(...made)),
    batchSize: 2,
    poll: 1000,
    settle: 1000,
    attempts: 3,
    onTrouble: ({ message }) => troubles.push(message),
    ...steps(actions),
    ...options,
  });
  return { decisions, troubles };
}

function short({ key, category, is_anomalous, error }: Decision) {
  return [key, category, is_anomalous, error];
}

function idle(): void {}

Deno.test("watchFolder() decides on files as they come, once each", async () => {
  const store = new MemoryStore("line");
  await store.put("1.png", await png(200));
  await store.put("notes.txt", new Uint8Array(3));
  const { decisions } = await watched(store, [
    idle,
    async () => await store.put("odd/2.png", await png(0)),
    idle,
    async () => await store.put("1.png", await png(20)),
    idle,
    idle,
  ]);
  assert.deepEqual(decisions.map(short), [
    ["1.png", "part", true, null],
    ["odd/2.png", "odd", null, null],
    ["1.png", "part", false, null],
  ]);
  const [first] = decisions;
  assert.deepEqual([first!.width, first!.height], [12, 10]);
  assert.deepEqual(first!.regions?.map(({ box }) => box), [[0, 0, 12, 10]]);
  assert.equal(first!.time, "1970-01-01T00:00:01.000Z");
});

Deno.test("watchFolder() waits for files that are half written", async () => {
  const store = new MemoryStore("line");
  const whole = await png(200, { width: 64, height: 64 });
  await store.put("1.png", whole.slice(0, whole.length - 20));
  const grown = await watched(store, [
    idle,
    idle,
    async () => await store.put("1.png", whole),
    idle,
    idle,
  ]);
  assert.deepEqual(grown.decisions.map(short), [["1.png", "part", true, null]]);
});

Deno.test("watchFolder() decides that a file stays broken after several attempts", async () => {
  const store = new MemoryStore("line");
  const whole = await png(200, { width: 64, height: 64 });
  await store.put("1.png", whole.slice(0, 60));
  const { decisions } = await watched(store, Array(8).fill(idle));
  assert.equal(decisions.length, 1);
  assert.match(decisions[0]!.error!, /^Cannot decode/);
  assert.equal(decisions[0]!.is_anomalous, null);
});

Deno.test("watchFolder() goes on when the store is there again", async () => {
  const store = new MemoryStore("line");
  await store.put("1.png", await png(200));
  let failures = 2;
  const flaky: ObjectStore = Object.create(store, {
    list: {
      value(prefix: string) {
        if (failures-- > 0) {
          throw new StorageError("Cannot list", "unavailable");
        }
        return store.list(prefix);
      },
    },
    read: { value: store.read.bind(store) },
  });
  const { decisions, troubles } = await watched(flaky, Array(5).fill(idle));
  assert.equal(decisions.length, 1);
  assert.deepEqual(troubles, ["Cannot list", "Cannot list"]);
});

Deno.test("watchFolder() decides that a file without an end is an error", async () => {
  const store = new MemoryStore("line");
  await store.put("1.png", await png(200));
  const endless: ObjectStore = Object.create(store, {
    list: { value: store.list.bind(store) },
    read: {
      value: (key: string, { maxBytes }: ReadOptions) =>
        Promise.reject(tooLarge(key, maxBytes!)),
    },
  });
  const { decisions, troubles } = await watched(endless, Array(3).fill(idle));
  const error = "Cannot read 1.png as it must have at most 1073741824 bytes: " +
    "current value is more";
  assert.deepEqual(decisions.map(short), [["1.png", "part", null, error]]);
  assert.deepEqual(troubles, []);
});

Deno.test("watchFolder() goes on where one file may not be read", async () => {
  const store = new MemoryStore("line");
  await store.put("1.png", await png(200));
  await store.put("2.png", await png(200));
  const closed: ObjectStore = Object.create(store, {
    list: { value: store.list.bind(store) },
    read: {
      value: (key: string, options: ReadOptions) =>
        key === "1.png"
          ? Promise.reject(new StorageError("Cannot read it", "unreadable"))
          : store.read(key, options),
    },
  });
  const { decisions } = await watched(closed, Array(8).fill(idle));
  assert.deepEqual(decisions.map(short), [
    ["2.png", "part", true, null],
    ["1.png", "part", null, "Cannot read it"],
  ]);
});

Deno.test("WatchRecord remembers decisions over a restart and a torn line", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const store = new FileStore(`${folder}/in`);
    for (const name of ["a", "b"]) await store.put(`${name}.png`, await png());
    const run = async () => {
      await using record = await WatchRecord.open(`${folder}/out`, {
        model: "m",
      });
      const keep = (made: readonly Decision[]) => record.keep(made);
      await watched(store, [idle], { keep, decided: record.decided() });
    };
    await run();
    const path = `${folder}/out/${WATCH_FILES.decisions}`;
    const first = await Deno.readTextFile(path);
    assert.equal(first.trimEnd().split("\n").length, 2);
    await run();
    assert.equal(await Deno.readTextFile(path), first);
    await Deno.writeTextFile(path, first.slice(0, -5));
    await run();
    const lines = (await Deno.readTextFile(path)).trimEnd().split("\n");
    assert.deepEqual(lines.map((line) => JSON.parse(line).key), [
      "a.png",
      "b.png",
    ]);
    const table = await Deno.readTextFile(`${folder}/out/verdicts.csv`);
    const rows = table.split("\r\n");
    assert.match(rows[0]!, /^key,category,verdict,/);
    assert.deepEqual(rows.slice(1, 3).map((row) => row.slice(0, 15)), [
      "a.png,part,good",
      "b.png,part,good",
    ]);
    assert.deepEqual(rows.slice(3), [""]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("WatchRecord.open() refuses another process, and other settings", async () => {
  const folder = await Deno.makeTempDir();
  try {
    {
      await using _record = await WatchRecord.open(folder, { model: "m" });
      await assert.rejects(
        WatchRecord.open(folder, { model: "m" }),
        FolderInUseError,
      );
    }
    await assert.rejects(
      WatchRecord.open(folder, { model: "n" }),
      /must tell the same model/,
    );
    await using _record = await WatchRecord.open(folder, { model: "m" });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
