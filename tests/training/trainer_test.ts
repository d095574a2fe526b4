import assert from "node:assert/strict";
import { RunFolder } from "../../lib/training/run_folder.ts";
import {
  FakeEngine,
  fakeEvalResult,
  readResult,
  trainFake,
} from "./fake_run.ts";

async function withFolder(run: (path: string) => Promise<void>): Promise<void> {
  const path = await Deno.makeTempDir();
  try {
    await run(path);
  } finally {
    await Deno.remove(path, { recursive: true });
  }
}

function events(log: readonly Record<string, unknown>[]): string {
  return log.map(({ event, step }) => `${event} ${step}`).join(", ");
}

Deno.test("train() logs steps, epochs and checkpoints in order", async () => {
  await withFolder(async (path) => {
    await trainFake(`${path}/out`);
    const { log } = await readResult(`${path}/out`);
    assert.equal(
      events(log),
      "checkpoint 0, step 1, step 2, checkpoint 2, " +
        "step 3, epoch 3, checkpoint 3, step 4, checkpoint 4, step 5, " +
        "step 6, epoch 6, checkpoint 6, step 7, step 8, checkpoint 8, " +
        "step 9, epoch 9, checkpoint 9",
    );
    const steps = log.filter(({ event }) => event === "step");
    const epochs = log.filter(({ event }) => event === "epoch");
    assert.deepEqual(steps.map(({ epoch }) => epoch), [
      ...[0, 0, 0],
      ...[1, 1, 1],
      ...[2, 2, 2],
    ]);
    assert.deepEqual(steps.map(({ lr }) => lr), [
      ...[0.1, 0.1, 0.1],
      ...[0.05, 0.05, 0.05],
      ...[0.1 / 3, 0.1 / 3, 0.1 / 3],
    ]);
    const losses = steps.slice(3, 6).map(({ loss }) => loss as number);
    const mean = (losses[0]! + losses[1]! + losses[2]!) / 3;
    assert.equal(epochs[1]!.loss, mean);
    assert(await Deno.stat(`${path}/out/train.html`));
  });
});

Deno.test("train() ends the same when it is stopped and resumed", async () => {
  await withFolder(async (path) => {
    await trainFake(`${path}/whole`);
    const whole = await readResult(`${path}/whole`);
    await trainFake(`${path}/halves`, { maxSteps: 5 });
    await trainFake(`${path}/halves`, { resume: true });
    const halves = await readResult(`${path}/halves`);
    const extra = halves.log.findIndex(({ event, step }) =>
      event === "checkpoint" && step === 5
    );
    assert.deepEqual(halves.log.toSpliced(extra, 1), whole.log);
    assert.deepEqual(halves.checkpoint, whole.checkpoint);
  });
});

Deno.test("train() saves when it is told to stop, and leaves no trace of it", async () => {
  await withFolder(async (path) => {
    await trainFake(`${path}/whole`);
    for (const stopAt of [1, 3, 8]) {
      const out = `${path}/stopped${stopAt}`;
      const controller = new AbortController();
      const engine = new FakeEngine();
      engine.onCall = (call) => {
        if (call === stopAt) controller.abort(new Error("enough"));
      };
      const { signal } = controller;
      await assert.rejects(trainFake(out, { signal }, { engine }), {
        message: "enough",
      });
      const checkpoint = await readResult(out);
      assert.equal(
        checkpoint.log.filter(({ event }) => event === "step").length,
        stopAt - 1,
      );
      await trainFake(out, { resume: true });
      assert.deepEqual(
        await readResult(out),
        await readResult(`${path}/whole`),
      );
    }
  });
});

Deno.test("train() evaluates at the start, after epochs and at the end, once", async () => {
  await withFolder(async (path) => {
    let count = 0;
    const evaluate = () => {
      count++;
      return Promise.resolve(fakeEvalResult());
    };
    const options = { epochs: 4, evalEvery: 2, maxSteps: 10 };
    await trainFake(path, options, { evaluate });
    const first = await readResult(path);
    const evals = first.log.filter(({ event }) => event === "eval");
    assert.deepEqual(evals.map(({ step }) => step), [0, 6, 10]);
    await trainFake(path, { ...options, resume: true }, { evaluate });
    assert.equal(count, 3);
    assert.deepEqual(await readResult(path), first);
  });
});

Deno.test("train() evaluates again where it was stopped while it did", async () => {
  await withFolder(async (path) => {
    const evaluate = () => Promise.resolve(fakeEvalResult());
    await trainFake(`${path}/whole`, {}, { evaluate });
    const controller = new AbortController();
    const { signal } = controller;
    let count = 0;
    const stopping = () => {
      if (++count < 3) return evaluate();
      controller.abort(new Error("enough"));
      return Promise.withResolvers<never>().promise;
    };
    const stopped = trainFake(`${path}/stopped`, { signal }, {
      evaluate: stopping,
    });
    await assert.rejects(stopped, { message: "enough" });
    await trainFake(`${path}/stopped`, { resume: true }, { evaluate });
    assert.deepEqual(
      await readResult(`${path}/stopped`),
      await readResult(`${path}/whole`),
    );
  });
});

Deno.test("train() stops at a loss that is not finite and keeps the checkpoint", async () => {
  await withFolder(async (path) => {
    const engine = new FakeEngine();
    engine.badCall = 6;
    await assert.rejects(trainFake(path, {}, { engine }), {
      name: "ModelError",
      message: "Cannot go on training as the loss of step 6 must be finite: " +
        "the first tensor that is not is /layer/matMul; the checkpoint of " +
        "step 4 is kept",
    });
    await trainFake(path, { maxSteps: 4, resume: true });
    const { log } = await readResult(path);
    assert.equal(log.at(-1)!.step, 4);
  });
});

Deno.test("train() refuses what another run left", async () => {
  await withFolder(async (path) => {
    await trainFake(`${path}/run`, { maxSteps: 3 });
    const before = await readResult(`${path}/run`);
    const file = `${path}/run/training.safetensors`;
    await assert.rejects(trainFake(`${path}/run`), {
      name: "ModelError",
      message: `Cannot train into ${path}/run as it must hold neither a run ` +
        "nor a model: it has training.safetensors, which --resume continues",
    });
    const settings = { "batch size": 4, seed: 1 };
    await assert.rejects(
      trainFake(`${path}/run`, { resume: true, settings }),
      {
        name: "ModelError",
        message: `Cannot load ${file} as its run must have the same batch ` +
          "size: current value is 4, there it is 2",
      },
    );
    const engine = new FakeEngine();
    const shapes = new Map([...engine.shapes, ["layer.bias", [4]]]);
    Object.assign(engine, { shapes });
    await assert.rejects(
      trainFake(`${path}/run`, { resume: true }, { engine }),
      {
        name: "ModelError",
        message: `Cannot load ${file} as its run must have trained the same ` +
          "tensors: layer.bias is [3] there and [4] now",
      },
    );
    assert.deepEqual(await readResult(`${path}/run`), before);
    const model = `${path}/model`;
    await Deno.mkdir(model);
    await Deno.writeTextFile(`${model}/mfp_clip.json`, "{}");
    await assert.rejects(trainFake(model, { resume: true }), {
      name: "ModelError",
      message: /^Cannot train into .*: it has mfp_clip\.json$/,
    });
    assert.equal(await Deno.readTextFile(`${model}/mfp_clip.json`), "{}");
  });
});

Deno.test("train() refuses a checkpoint that is none, and a log that is too short", async () => {
  await withFolder(async (path) => {
    const out = `${path}/run`;
    await trainFake(out, { maxSteps: 3 });
    await Deno.truncate(`${out}/log.jsonl`, 5);
    await assert.rejects(trainFake(out, { resume: true }), {
      name: "ModelError",
      message:
        /^Cannot go on with .*log\.jsonl as it must have at least \d+ bytes: current value is 5$/,
    });
    const head = new URL(
      "../../models/nano/mfp_clip.safetensors",
      import.meta.url,
    );
    await Deno.copyFile(head, `${out}/training.safetensors`);
    await assert.rejects(trainFake(out, { resume: true }), {
      name: "ModelError",
      message:
        /^Cannot load .* as it must be a training checkpoint of this version$/,
    });
  });
});

Deno.test("train() removes what a killed run was writing", async () => {
  await withFolder(async (path) => {
    await trainFake(path, { maxSteps: 3 });
    const unfinished = `${path}/.${crypto.randomUUID()}.part`;
    const foreign = `${path}/notes.tmp`;
    await Deno.writeTextFile(unfinished, "half");
    await Deno.writeTextFile(foreign, "mine");
    await trainFake(path, { resume: true });
    await assert.rejects(Deno.stat(unfinished), Deno.errors.NotFound);
    assert.equal(await Deno.readTextFile(foreign), "mine");
    assert(await new RunFolder(path).hasCheckpoint());
  });
});
