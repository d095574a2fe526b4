import assert from "node:assert/strict";
import { readLog, TrainingLog } from "../../lib/training/training_log.ts";

const EPOCH = { event: "epoch", epoch: 0, step: 2, loss: 1.5 } as const;
const CHECKPOINT = { event: "checkpoint", epoch: 0, step: 2 } as const;

async function withLog(
  text: string,
  run: (path: string) => Promise<void>,
): Promise<void> {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(path, text);
    await run(path);
  } finally {
    await Deno.remove(path);
  }
}

function lines(...rows: object[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join("");
}

Deno.test("TrainingLog.open() keeps what belongs to the checkpoint it is opened at", async () => {
  const before = lines(EPOCH);
  const text = before + lines(CHECKPOINT, EPOCH, CHECKPOINT) + '{"event":';
  await withLog(text, async (path) => {
    using log = await TrainingLog.open(path, before.length);
    assert.deepEqual(log.later, [CHECKPOINT]);
    const kept = before + lines(CHECKPOINT);
    assert.equal(log.bytes, kept.length);
    await log.write(EPOCH);
    await log.sync();
    assert.equal(await Deno.readTextFile(path), kept + lines(EPOCH));
    assert.equal(log.bytes, kept.length + lines(EPOCH).length);
  });
});

Deno.test("TrainingLog.open() cuts off a line that was half written", async () => {
  const text = lines(EPOCH);
  await withLog(text + '{"event":"chec', async (path) => {
    using log = await TrainingLog.open(path, text.length);
    assert.deepEqual(log.later, []);
    assert.equal(await Deno.readTextFile(path), text);
  });
});

Deno.test("readLog() leaves out a line that is being written", async () => {
  await withLog(lines(EPOCH, CHECKPOINT) + '{"ev', async (path) => {
    assert.deepEqual(await readLog(path), [EPOCH, CHECKPOINT]);
  });
});
