import assert from "node:assert/strict";
import { temporaryFolder } from "../checkpoint/temporary.ts";
import type { EvalRow } from "../../lib/results/training_rows.ts";
import { fakeEvalResult, trainFake } from "./fake_run.ts";

/** An evaluation for each of the values, in turn; the last one goes on. */
function evaluations(values: readonly (number | null)[]) {
  let next = 0;
  return () => {
    const value = values[Math.min(next++, values.length - 1)]!;
    const result = fakeEvalResult();
    return Promise.resolve({
      ...result,
      mean: { ...result.mean, p_f1max: value },
    });
  };
}

async function modelIn(folder: string): Promise<string> {
  return await Deno.readTextFile(`${folder}/mfp_clip.json`);
}

Deno.test("train() takes the model of the best evaluation after a step", async () => {
  await using folder = await temporaryFolder();
  const out = `${folder.path}/best`;
  const chosen: EvalRow[] = [];
  const onBest = (row: EvalRow) => chosen.push(row);
  // The start counts for nothing, and of equal ones the first wins.
  const evaluate = evaluations([0.9, 0.2, 0.5, 0.5]);
  await trainFake(out, { best: "p_f1max", onBest }, { evaluate });
  assert.deepEqual(chosen.map(({ step }) => step), [6]);
  assert.equal(await modelIn(out), await modelIn(`${out}/evaluated/6`));
  assert.notEqual(await modelIn(out), await modelIn(`${out}/evaluated/9`));
});

Deno.test("train() takes the same best model after it was stopped", async () => {
  await using folder = await temporaryFolder();
  const [whole, parts] = [`${folder.path}/whole`, `${folder.path}/parts`];
  const best = "p_f1max";
  await trainFake(whole, { best }, {
    evaluate: evaluations([0, 0.2, 0.5, 0.1]),
  });
  const stop = new AbortController();
  const onStep = ({ step }: { step: number }) => {
    if (step === 7) stop.abort(new Error("stopped"));
  };
  await assert.rejects(
    trainFake(parts, { best, onStep, signal: stop.signal }, {
      evaluate: evaluations([0, 0.2, 0.5]),
    }),
    { message: "stopped" },
  );
  await trainFake(parts, { best, resume: true }, {
    evaluate: evaluations([0.1]),
  });
  assert.equal(await modelIn(parts), await modelIn(whole));
  // A run that had ended is the same once more.
  await trainFake(parts, { best, resume: true }, {
    evaluate: evaluations([1]),
  });
  assert.equal(await modelIn(parts), await modelIn(whole));
});

Deno.test("train() refuses to choose by a metric that evaluations lack, or models that were not kept", async () => {
  await using folder = await temporaryFolder();
  const evaluate = evaluations([null]);
  await assert.rejects(
    trainFake(`${folder.path}/none`, { best: "p_f1max" }, { evaluate }),
    {
      name: "ModelError",
      message:
        "Cannot choose the best model as each evaluation must have P-F1max: that of step 0 has none",
    },
  );
  const out = `${folder.path}/late`;
  const values = [0, 0.2, 0.5, 0.1];
  await trainFake(out, {}, { evaluate: evaluations(values) });
  await assert.rejects(
    trainFake(out, { best: "p_f1max", resume: true }, {
      evaluate: evaluations(values),
    }),
    { name: "ModelError", message: /^Cannot take the model of step 6 as / },
  );
});
