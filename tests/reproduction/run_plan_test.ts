import assert from "node:assert/strict";
import { ModelError } from "../../lib/checkpoint/model_error.ts";
import { DataSetError } from "../../lib/data/sample.ts";
import { DEFAULT_CONFIG } from "../../lib/methods/mfp_clip/config.ts";
import { planTables } from "../../lib/reproduction/plan_tables.ts";
import {
  claimFolder,
  readOutcomes,
  runPlan,
} from "../../lib/reproduction/run_plan.ts";
import type { ReproductionImages } from "../../lib/reproduction/reproduction_images.ts";
import { temporaryFolder } from "../checkpoint/temporary.ts";
import { done, NO_RIVALS } from "./_outcomes.ts";

function sourceThat(open: () => Promise<never>): ReproductionImages {
  const nameOf = (train: string) => train;
  return { name: "s", isPapers: false, nameOf, refusal: () => undefined, open };
}

const OPTIONS = {
  epochs: 1,
  maxSteps: 1,
  threads: 1,
  availableBytes: 1e9,
  provider: "cpu",
  onWarning: () => {},
} as const;

Deno.test("runPlan() goes on after a run that fails, and not into one that is done", async () => {
  await using out = await temporaryFolder();
  const source = sourceThat(() => Promise.reject(new DataSetError("none")));
  const plan = planTables(DEFAULT_CONFIG, {
    tables: [3],
    seeds: [0],
    source,
    rivals: NO_RIVALS,
  });
  const [first, second, third] = plan.runs.map(({ name }) => name);
  await Deno.mkdir(`${out.path}/${second}`);
  const { result } = done(0.5) as { result: unknown };
  const marker = `${second}/done.json`;
  await out.write(marker, JSON.stringify(result));
  const begun: (readonly [string, number])[] = [];
  const told: number[] = [];
  const context = {
    directory: "d",
    model: "m",
    published: new Map(),
    source,
    folder: out.path,
  };
  const outcomes = await runPlan(plan, context, {
    ...OPTIONS,
    signal: new AbortController().signal,
    onRun: ({ name }, place) => begun.push([name, place]),
    onOutcome: ({ size }) => Promise.resolve(void told.push(size)),
  });
  assert.deepEqual(begun, [[first, 0], [third, 2]]);
  assert.deepEqual(told, [1, 2, 3]);
  assert.deepEqual(outcomes.get(second!), { result });
  assert.deepEqual(outcomes.get(third!), { error: new DataSetError("none") });
  const again = await readOutcomes(plan, out.path);
  assert.deepEqual([...again.keys()], [second]);
});

Deno.test("runPlan() ends with the signal's reason", async () => {
  await using out = await temporaryFolder();
  const controller = new AbortController();
  const source = sourceThat(() => {
    controller.abort(new Error("stop"));
    return Promise.reject(controller.signal.reason);
  });
  const plan = planTables(DEFAULT_CONFIG, {
    tables: [3],
    seeds: [0],
    source,
    rivals: NO_RIVALS,
  });
  const context = {
    directory: "d",
    model: "m",
    published: new Map(),
    source,
    folder: out.path,
  };
  const { signal } = controller;
  let told = 0;
  const onOutcome = () => Promise.resolve(void told++);
  const running = runPlan(plan, context, { ...OPTIONS, signal, onOutcome });
  await assert.rejects(running, { message: "stop" });
  assert.equal(told, 1);
});

Deno.test("claimFolder() refuses runs of other settings", async () => {
  await using folder = await temporaryFolder();
  const out = `${folder.path}/new`;
  await claimFolder(out, { model: "nano", epochs: 1, steps: null });
  await claimFolder(out, { model: "nano", epochs: 1, steps: null });
  await assert.rejects(
    claimFolder(out, { model: "nano", epochs: 2, steps: null }),
    (error: unknown) =>
      error instanceof ModelError &&
      /must have the same epochs: current value is 2, there it is 1$/.test(
        error.message,
      ),
  );
});
