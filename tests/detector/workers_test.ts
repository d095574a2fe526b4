import assert from "node:assert/strict";
import {
  closeWorkers,
  startWorkersEarly,
  takeWorkers,
} from "../../lib/detector/workers.ts";
import { withWorker } from "./with_worker.ts";

/** Counts the workers that are ended while something is done. */
async function endedDuring(work: () => Promise<void>): Promise<number> {
  let ended = 0;
  class Counted extends Worker {
    override terminate() {
      ended++;
      super.terminate();
    }
  }
  await withWorker(Counted, work);
  return ended;
}

Deno.test("takeWorkers() gives the workers that were started early, once", async () => {
  await using _ = startWorkersEarly();
  const [first, second] = [takeWorkers(), takeWorkers()];
  assert.notEqual(first.session, second.session);
  assert.notEqual(first.decoder, second.decoder);
  await Promise.all([closeWorkers(first), closeWorkers(second)]);
});

Deno.test("startWorkersEarly() ends workers that nobody took", async () => {
  const ended = await endedDuring(async () => {
    await using _ = startWorkersEarly();
  });
  assert.equal(ended, 2);
});

Deno.test("startWorkersEarly() leaves workers that were taken", async () => {
  let taken: ReturnType<typeof takeWorkers> | undefined;
  const ended = await endedDuring(async () => {
    await using _ = startWorkersEarly();
    taken = takeWorkers();
  });
  assert.equal(ended, 0);
  await closeWorkers(taken!);
});
