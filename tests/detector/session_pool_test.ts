import assert from "node:assert/strict";
import { SessionPool } from "../../lib/detector/session_pool.ts";
import { OnnxSession } from "../../lib/onnx/session.ts";
import { GraphBuilder } from "../../lib/graph/builder.ts";
import { float32, type Tensors } from "../../lib/onnx/tensor.ts";
import { encode } from "../onnx/run_graph.ts";
import { withWorker } from "./with_worker.ts";

/** A model that adds `much` to its input. */
function adding(much: number): Uint8Array<ArrayBuffer> {
  const g = new GraphBuilder();
  const x = g.input("x", [1], "float");
  return encode(g.build({ y: g.add(x, much) }));
}

/** Opens a pool of such models, and what is missing of it. */
async function open(sessions: number) {
  const missing: unknown[] = [];
  const pool = await SessionPool.create(OnnxSession.start(), adding(1), {
    weightsFolder: "",
    threads: sessions,
    sessions,
    onMissing: (error) => missing.push(error),
  });
  return { pool, missing };
}

const FEEDS: Tensors = {
  x: { type: "float32", shape: [1], data: Float32Array.of(5) },
};

async function answers(pool: SessionPool, count: number, model?: string) {
  const runs = Array.from({ length: count }, () => pool.run(FEEDS, { model }));
  const results = await Promise.all(runs);
  return results.map(({ outputs }) => float32(outputs, "y")[0]);
}

/** Counts the workers that start while something is done. */
async function workersDuring(work: () => Promise<unknown>): Promise<number> {
  let started = 0;
  class Counted extends Worker {
    constructor(...options: ConstructorParameters<typeof Worker>) {
      started++;
      super(...options);
    }
  }
  await withWorker(Counted, work);
  return started;
}

Deno.test("run() loads the other sessions when a run has to wait", async () => {
  const { pool, missing } = await open(4);
  await using _ = pool;
  const one = await workersDuring(async () => {
    for (let i = 0; i < 3; i++) await pool.run(FEEDS);
  });
  const many = await workersDuring(() => answers(pool, 8));
  assert.deepEqual([one, many], [0, 3]);
  assert.deepEqual(await answers(pool, 8), new Array(8).fill(6));
  assert.deepEqual(missing, []);
});

Deno.test("attach() reaches the sessions that are loaded later", async () => {
  const { pool } = await open(4);
  await using _ = pool;
  await pool.attach("hundred", adding(100));
  const all = await answers(pool, 8, "hundred");
  assert.deepEqual(all, new Array(8).fill(105));
});

Deno.test("a pool goes on without a session that cannot be loaded, and tells it", async () => {
  let started = 0;
  class First extends Worker {
    constructor(...options: ConstructorParameters<typeof Worker>) {
      if (++started > 1) throw new Error("There are no threads left");
      super(...options);
    }
  }
  await withWorker(First, async () => {
    const { pool, missing } = await open(3);
    await using _ = pool;
    await pool.attach("hundred", adding(100));
    assert.deepEqual(await answers(pool, 4), new Array(4).fill(6));
    const told = missing.map((error) => (error as Error).message);
    assert.deepEqual(told, new Array(2).fill("There are no threads left"));
  });
});

Deno.test("close() frees sessions that are still being loaded", async () => {
  const { pool } = await open(4);
  const runs = answers(pool, 2);
  await Promise.all([
    assert.rejects(runs, /the session was closed/),
    pool.close(),
  ]);
  await assert.rejects(pool.run(FEEDS), /the session was closed/);
});
